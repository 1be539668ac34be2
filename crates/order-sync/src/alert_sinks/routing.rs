//! Who gets which alerts.

use std::sync::Arc;

use async_trait::async_trait;
use order_mapping::{Owner, Severity};

use crate::{Alert, AlertSink, PortError};

/// Passes on alerts of some severity or above, and drops the others.
///
/// [`Alert::severity`] is the highest among the exceptions that the alert shows.
#[derive(Debug)]
pub struct MinimumSeverity {
    sink: Box<dyn AlertSink>,
    least: Severity,
    name: Option<String>,
}

impl MinimumSeverity {
    /// Lets through to `sink` what is at least this severe.
    #[must_use]
    pub fn new(sink: impl AlertSink + 'static, least: Severity) -> Self {
        Self {
            sink: Box::new(sink),
            least,
            name: None,
        }
    }

    /// Gives it a name other than its sink's.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }
}

#[async_trait]
impl AlertSink for MinimumSeverity {
    fn name(&self) -> &str {
        self.name.as_deref().unwrap_or_else(|| self.sink.name())
    }

    async fn alert(&self, alert: &Alert) -> Result<(), PortError> {
        if alert.severity < self.least {
            return Ok(());
        }
        self.sink.alert(alert).await
    }
}

/// Passes on alerts that are for certain teams, and drops those of others.
///
/// An alert without a known team (a code of a later version) is passed on as well: better told to too many than to nobody.
#[derive(Debug)]
pub struct ForOwner {
    sink: Box<dyn AlertSink>,
    owners: Vec<Owner>,
    name: Option<String>,
}

impl ForOwner {
    /// Lets through to `sink` what is for this team.
    #[must_use]
    pub fn new(sink: impl AlertSink + 'static, owner: Owner) -> Self {
        Self {
            sink: Box::new(sink),
            owners: vec![owner],
            name: None,
        }
    }

    /// Lets through what is for this team as well.
    #[must_use]
    pub fn or(mut self, owner: Owner) -> Self {
        self.owners.push(owner);
        self
    }

    /// Gives it a name other than its sink's.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }
}

#[async_trait]
impl AlertSink for ForOwner {
    fn name(&self) -> &str {
        self.name.as_deref().unwrap_or_else(|| self.sink.name())
    }

    async fn alert(&self, alert: &Alert) -> Result<(), PortError> {
        if alert
            .owner
            .is_some_and(|owner| !self.owners.contains(&owner))
        {
            return Ok(());
        }
        self.sink.alert(alert).await
    }
}

/// One sink behind several routes, each with a name of its own.
#[async_trait]
impl<S: AlertSink + ?Sized> AlertSink for Arc<S> {
    fn name(&self) -> &str {
        (**self).name()
    }

    async fn alert(&self, alert: &Alert) -> Result<(), PortError> {
        (**self).alert(alert).await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use chrono::DateTime;

    use super::*;
    use crate::{AlertKind, Exception, ExceptionSubject, Finding, MerchantId, codes};

    #[derive(Debug, Default)]
    struct Heard(Mutex<Vec<String>>);

    #[async_trait]
    impl AlertSink for Heard {
        fn name(&self) -> &'static str {
            "heard"
        }

        async fn alert(&self, alert: &Alert) -> Result<(), PortError> {
            self.0.lock().unwrap().push(alert.code.clone());
            Ok(())
        }
    }

    fn alert(code: &str, severity: Severity) -> Alert {
        let info = codes::info(code).unwrap_or(&codes::ORPHAN);
        let mut finding = Finding::new(ExceptionSubject::new("order", "1"), info, "");
        finding.severity = severity;
        let exception = Exception::opened("audit", finding, DateTime::UNIX_EPOCH);
        let merchant = MerchantId::new("acme");
        let at = DateTime::UNIX_EPOCH;
        Alert::new(merchant, AlertKind::Opened, code, 1, vec![exception], at)
    }

    #[tokio::test]
    async fn severity_is_a_threshold() {
        let heard = Arc::new(Heard::default());
        let sink = MinimumSeverity::new(Arc::clone(&heard), Severity::Hold);
        assert_eq!(sink.name(), "heard");
        for severity in [
            Severity::Info,
            Severity::Warning,
            Severity::Hold,
            Severity::Error,
        ] {
            sink.alert(&alert(codes::DOUBLED.id, severity))
                .await
                .unwrap();
        }
        assert_eq!(heard.0.lock().unwrap().len(), 2);
    }

    #[tokio::test]
    async fn a_team_hears_its_own_and_what_is_nobodys() {
        let heard = Arc::new(Heard::default());
        let doubled = alert(codes::DOUBLED.id, Severity::Error);
        assert_eq!(doubled.owner, Some(Owner::WarehouseOperations));
        let unknown = alert("OF_A_LATER_VERSION", Severity::Error);
        assert_eq!(unknown.owner, None);

        let shared: Arc<dyn AlertSink> = Arc::<Heard>::clone(&heard);
        let finance = ForOwner::new(Arc::clone(&shared), Owner::Finance).with_name("finance");
        finance.alert(&doubled).await.unwrap();
        assert!(heard.0.lock().unwrap().is_empty());
        finance.alert(&unknown).await.unwrap();
        let both = ForOwner::new(shared, Owner::Finance).or(Owner::WarehouseOperations);
        both.alert(&doubled).await.unwrap();
        assert_eq!(
            *heard.0.lock().unwrap(),
            ["OF_A_LATER_VERSION", codes::DOUBLED.id]
        );
        assert_eq!((finance.name(), both.name()), ("finance", "heard"));
    }
}
