//! Goods that came back: each receipt once, on the order it belongs to, and before the people who credit it.

use order_mapping::ReturnReceipt;

use super::FlowError;
use crate::run::{Run, finding_of};
use crate::{
    Commit, ExceptionSubject, Fence, Finding, OrderEvent, OrderRecord, Reason, Tally, codes,
};

const CURSOR: &str = "returns";
const SCOPE: &str = "returns";

pub(super) async fn returns(run: &Run<'_>) -> Result<(), FlowError> {
    let parts = run.parts;
    if !parts.warehouse.capabilities().returns {
        return Ok(());
    }
    // What was found before stays until a person has closed it: nothing will ever show that it is settled.
    let mut findings = run.open_findings(SCOPE).await?;
    let known = findings.len();
    while run.goes_on().await? {
        let cursor = parts.store.cursor(&parts.merchant, CURSOR).await?;
        let page = parts.warehouse.returns(cursor.as_deref()).await?;
        let mut news = Vec::new();
        for receipt in &page.receipts {
            news.extend(take(run, receipt).await?);
        }
        for fault in &page.unreadable {
            let subject = ExceptionSubject::new("return", fault);
            news.push(Finding::new(subject, &codes::RETURN_UNMATCHED, fault));
        }
        for finding in news {
            if findings
                .iter()
                .all(|known| known.subject != finding.subject)
            {
                findings.push(finding);
            }
        }
        if findings.len() > known {
            // On record before the cursor passes them.
            run.settle(SCOPE, findings.clone()).await?;
        }
        if let Some(next) = &page.cursor
            && cursor.as_deref() != Some(next)
        {
            parts
                .store
                .move_cursor(&parts.merchant, CURSOR, cursor.as_deref(), next)
                .await?;
        }
        if !page.more || page.cursor == cursor {
            break;
        }
    }
    Ok(())
}

/// Puts a receipt on record, and says what people have to know of it; nothing where it was on record.
async fn take(run: &Run<'_>, receipt: &ReturnReceipt) -> Result<Option<Finding>, FlowError> {
    let parts = run.parts;
    for _ in 0..5 {
        let record = match &receipt.reference {
            Some(reference) => {
                parts
                    .store
                    .order_by_reference(&parts.merchant, reference)
                    .await?
            }
            None => None,
        };
        let Some(record) = record else {
            let subject = ExceptionSubject::new("return", &receipt.id);
            let detail = format!("{} units: {}", receipt.units(), listed(receipt));
            return Ok(Some(Finding::new(
                subject,
                &codes::RETURN_UNMATCHED,
                detail,
            )));
        };
        let on_record = parts.store.returns(&parts.merchant, &record.id).await?;
        let known = on_record.iter().any(|known| known.id == receipt.id);
        #[cfg(canary)]
        let known = known && !crate::canary::planted("return_taken_again");
        if known {
            // A run that died right after it had put it there told nobody.
            let told = run.never_told(SCOPE, vec![told(&record, receipt)]).await?;
            return Ok(told.into_iter().next());
        }
        let now = parts.clock.now();
        let note = format!("return {}: {}", receipt.id, listed(receipt));
        let fence = Fence::Unclaimed(record.state, record.token);
        let mut commit = Commit::new(&record, fence, OrderEvent::Returned, now, note);
        commit.returned = Some(Box::new(receipt.clone()));
        if parts.store.commit(commit).await?.is_ok() {
            run.counters.one(Tally::ReturnsReceived);
            return Ok(Some(told(&record, receipt)));
        }
    }
    // Others kept changing the order: the cursor must not pass the receipt.
    Err(crate::PortError::new(
        crate::FailureClass::Contended,
        "a return could not be put on record since others kept changing its order; read again in the next run",
    )
    .into())
}

fn told(record: &OrderRecord, receipt: &ReturnReceipt) -> Finding {
    let message = format!(
        "return {} of {}: {}",
        receipt.id,
        record.label(),
        listed(receipt)
    );
    let reason = Reason::of(&codes::GOODS_RETURNED, message);
    Finding {
        // Each receipt is credited by itself.
        subject: ExceptionSubject::new("return", &receipt.id),
        ..finding_of(&reason, Some(record))
    }
}

/// Units, article or line, and condition of each line; no free text of anybody.
fn listed(receipt: &ReturnReceipt) -> String {
    let lines: Vec<String> = receipt
        .lines
        .iter()
        .map(|line| {
            let what = line
                .line_id
                .as_ref()
                .map(|id| format!("line {id}"))
                .or_else(|| line.sku.clone())
                .unwrap_or_else(|| "an unnamed article".to_owned());
            match &line.condition {
                Some(condition) => format!("{} x {what} ({condition})", line.quantity),
                None => format!("{} x {what}", line.quantity),
            }
        })
        .collect();
    lines.join(", ")
}
