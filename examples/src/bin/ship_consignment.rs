//! Ships one consignment: chooses a service, makes the label, saves it as a file, and follows the parcel to the door.
//!
//! It does so against a simulated carrier on loopback. With `--lose-answer` the carrier's answer to the create is lost on purpose: the
//! shipment is found by its reference, and no second one is made.

#![allow(
    clippy::print_stdout,
    reason = "a program that tells on standard output what it did"
)]

use std::error::Error;
use std::path::PathBuf;

use clap::Parser;
use connector_sim::{
    DEMO_CARRIER_ACCOUNT, DEMO_CARRIER_PASSWORD, DEMO_CARRIER_USER, DEMO_TRACKING_CODE, Fault,
    FaultKind, WhistlOptions, WhistlSim,
};
use whistl_client::shipping::{
    LabelFormat, LabelRequest, LabelSize, NewPackage, NewShipment, Shipping, ShippingAddress,
};
use whistl_client::tracking::Tracking;

/// Ships one consignment and follows it, against a simulated carrier.
#[derive(Debug, Parser)]
struct Arguments {
    /// Folder that the label is saved in.
    #[arg(long, default_value = ".")]
    labels: PathBuf,
    /// The order's reference, at most 24 characters.
    #[arg(long, default_value = "SO10001")]
    reference: String,
    /// Form of the label: pdf, png, zpl or epl.
    #[arg(long, default_value = "pdf", value_parser = label_format)]
    format: LabelFormat,
    /// Loses the carrier's answer to the create. Lists do not repeat labels, so none is saved then.
    #[arg(long)]
    lose_answer: bool,
}

fn label_format(text: &str) -> Result<LabelFormat, String> {
    let known = [
        LabelFormat::Pdf,
        LabelFormat::Png,
        LabelFormat::Zpl,
        LabelFormat::Epl,
    ];
    known
        .into_iter()
        .find(|format| format.extension() == text)
        .ok_or_else(|| format!("{text} is none of pdf, png, zpl and epl"))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    let carrier = WhistlSim::start(WhistlOptions::default()).await?;
    let shipping = Shipping::builder(
        format!("{}/1.0/", carrier.base_url()),
        DEMO_CARRIER_ACCOUNT,
        DEMO_CARRIER_USER,
        DEMO_CARRIER_PASSWORD,
        "ship_consignment",
    )
    .build()?;
    let tracking = Tracking::builder(
        format!("{}/v1/trackingservice/", carrier.base_url()),
        DEMO_CARRIER_ACCOUNT,
        DEMO_TRACKING_CODE,
        "ship_consignment",
    )
    .build()?;

    let to = ShippingAddress::new("Goods In", "8 Sample Street", "Exampleton", "ZZ9 9ZZ", "GB")
        .with_phone("447700900123");
    let package = NewPackage::new([30, 20, 20], "1.9".parse()?);
    let shipment = NewShipment::new(arguments.reference, "Goods", to, [package]);
    if let Some(fault) = shipment.check().first() {
        return Err(format!("not sent: {fault}").into());
    }

    let offer = shipping.services_for(&shipment).await?;
    for no in &offer.unsuitable {
        let reason = no.reason.as_deref().unwrap_or("no reason given");
        println!("not by provider {}: {reason}", no.provider.unwrap_or(0));
    }
    let service = offer.suitable.first().ok_or("no service can carry it")?;
    println!(
        "by {}",
        service.name.as_deref().unwrap_or("a service without name")
    );
    let shipment = shipment.with_service(service.ids);

    if arguments.lose_answer {
        // The carrier makes the shipment, and its answer never arrives.
        let lost = FaultKind::LoseReplyAfterApplying;
        let fault = Fault::on(http::Method::POST, "/1.0/Shipment", lost);
        carrier.faults().arm(fault);
    }
    let wanted = LabelRequest::new(arguments.format, LabelSize::Six);
    let made = shipping.create_unless_there(&shipment, wanted).await?;
    println!(
        "shipment {} {}",
        made.shipment().id,
        if made.is_new() {
            "was made"
        } else {
            "was there when its answer was lost: nothing was sent again"
        }
    );
    for (number, label) in made.shipment().labels().enumerate() {
        if !label.is_what_it_says() {
            return Err("the carrier's label is not what it says".into());
        }
        let name = format!(
            "{}-{}.{}",
            made.shipment().id,
            number + 1,
            label.format.extension()
        );
        let path = arguments.labels.join(name);
        std::fs::write(&path, label.bytes())?;
        println!("label saved as {}", path.display());
    }

    let number = made.shipment().follow_by().ok_or("it cannot be followed")?;
    println!("following {number}");
    let mut told = 0;
    // A simulated parcel moves by ticks; a real one is asked for some times a day.
    while carrier.tick_tracking() > 0 {
        let history = tracking.history(number).await?;
        for event in history.events().into_iter().skip(told) {
            let at = event.timestamp.as_deref().unwrap_or("no time");
            let words = event
                .description
                .as_ref()
                .map(|words| words.expose().as_str());
            let what = words.unwrap_or("no words");
            println!("  {at}  {:?}  {what}", event.stage);
            told += 1;
        }
    }
    let shipments = carrier.shipments().len();
    println!("the carrier has {shipments} shipment in all");
    carrier.shutdown().await;
    Ok(())
}
