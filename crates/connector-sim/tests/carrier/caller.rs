//! A plain caller of the carrier.

use std::time::Duration;

use connector_sim::{DEMO_CARRIER_PASSWORD, DEMO_CARRIER_USER, WhistlOptions, WhistlSim};
use reqwest::{Client, Method, StatusCode};

pub(crate) struct Caller {
    pub(crate) warehouse: WhistlSim,
    pub(crate) http: Client,
    pub(crate) token: String,
}

impl Caller {
    pub(crate) async fn new() -> Self {
        let warehouse = WhistlSim::start(WhistlOptions::default()).await.unwrap();
        let http = Client::builder()
            .no_proxy()
            .user_agent("check/1")
            .timeout(Duration::from_secs(10))
            .build()
            .unwrap();
        let mut caller = Self {
            warehouse,
            http,
            token: String::new(),
        };
        let (status, reply) = caller
            .ask_token("bearer", DEMO_CARRIER_USER, DEMO_CARRIER_PASSWORD)
            .await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(inner(&reply, "expiresIn"), "14400");
        caller.token = inner(&reply, "access_token").to_owned();
        caller
    }

    pub(crate) async fn ask_token(
        &self,
        grant: &str,
        user: &str,
        password: &str,
    ) -> (StatusCode, String) {
        let body = format!(
            "<RequestToken><grant_type>{grant}</grant_type><username>{user}</username><password>{password}</password></RequestToken>"
        );
        self.send(Method::POST, "/1.0/TokenV2", &body).await
    }

    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        body: &str,
    ) -> (StatusCode, String) {
        let answer = self
            .http
            .request(method, format!("{}{path}", self.warehouse.base_url()))
            .bearer_auth(&self.token)
            .header("content-type", "application/xml; charset=utf-8")
            .body(body.to_owned())
            .send()
            .await
            .unwrap();
        (answer.status(), answer.text().await.unwrap())
    }

    pub(crate) async fn ship(&self, reference: &str) -> String {
        let (status, reply) = self
            .send(Method::POST, "/1.0/Shipment", &shipment(reference))
            .await;
        assert_eq!(status, StatusCode::OK, "{reply}");
        reply
    }
}

/// What stands in the first element of that name.
pub(crate) fn inner<'a>(document: &'a str, name: &str) -> &'a str {
    let (_, rest) = document.split_once(&format!("<{name}>")).unwrap();
    rest.split_once(&format!("</{name}>")).unwrap().0
}

pub(crate) fn shipment(reference: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?><Shipment xmlns=\"http://api.parcelhub.net/schemas/api/parcelhub-api-v0.4.xsd\"><Account>L000001</Account>\
         <ServiceInfo><ServiceId>13000</ServiceId><ServiceCustomerUID>10001</ServiceCustomerUID><ServiceProviderId>18</ServiceProviderId></ServiceInfo>\
         <ParcelhubShipmentId>0</ParcelhubShipmentId>\
         <DeliveryAddress><ContactName>Ada Example</ContactName><Address1>Flat 2</Address1><Address2></Address2><City>Exampleton</City><Postcode>ZZ9 9ZZ</Postcode><Country>GB</Country></DeliveryAddress>\
         <Reference1>{reference}</Reference1><ContentsDescription>Goods</ContentsDescription>\
         <Packages><Package><PackageType>Parcel</PackageType><Dimensions><Length>10</Length><Width>10</Width><Height>10</Height></Dimensions><Weight>0.9</Weight></Package></Packages></Shipment>"
    )
}
