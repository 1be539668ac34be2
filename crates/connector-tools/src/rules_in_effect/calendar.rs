//! The calendar and the status table of a profile in words.

use order_mapping::{CalendarPolicy, Nation, StatusTable};

use super::{List, said};

impl List<'_> {
    pub(super) fn calendar(&mut self, calendar: &CalendarPolicy) {
        self.add(
            "mapping.calendar.time_zone",
            format!("days and hours are those of {}", calendar.time_zone),
        );
        let nation = match calendar.nation {
            Nation::EnglandAndWales => "England and Wales".to_owned(),
            Nation::Scotland => "Scotland".to_owned(),
            Nation::NorthernIreland => "Northern Ireland".to_owned(),
            other => said(&other),
        };
        self.add(
            "mapping.calendar.nation",
            format!("bank holidays are those of {nation}"),
        );
        self.switch(
            "mapping.calendar.works_on_bank_holidays",
            calendar.works_on_bank_holidays,
            "bank holidays are working days",
            "nobody works on bank holidays",
        );
        let week: Vec<String> = calendar
            .working_days
            .iter()
            .map(ToString::to_string)
            .collect();
        let week = match week.as_slice() {
            [] => "no day of the week is a working day".to_owned(),
            days => format!("people work on {}", days.join(", ")),
        };
        self.add("mapping.calendar.working_days", week);
        self.add(
            "mapping.calendar.opens",
            format!("work begins at {}", calendar.opens),
        );
        let closes = match calendar.closes.to_string().as_str() {
            "00:00:00" => "work ends at midnight".to_owned(),
            closes => format!("work ends at {closes}"),
        };
        self.add("mapping.calendar.closes", closes);
        self.add(
            "mapping.calendar.cut_off",
            format!(
                "an order before {} leaves on the same working day",
                calendar.cut_off
            ),
        );
        let lead = crate::printed::count(
            usize::from(calendar.lead_working_days),
            "working day",
            "working days",
        );
        self.add(
            "mapping.calendar.lead_working_days",
            format!("goods arrive {lead} after they leave"),
        );
        for (key, days, none, some) in [
            (
                "mapping.calendar.closed_days",
                &calendar.closed_days,
                "no further day is closed",
                "nobody works on",
            ),
            (
                "mapping.calendar.open_days",
                &calendar.open_days,
                "no further day is a working day",
                "people work on",
            ),
        ] {
            let days: Vec<String> = days.iter().map(ToString::to_string).collect();
            let means = match days.as_slice() {
                [] => none.to_owned(),
                days => format!("{some} {}", days.join(", ")),
            };
            self.add(key, means);
        }
    }

    pub(super) fn shipment(&mut self, table: &StatusTable) {
        let rows: Vec<String> = table
            .statuses
            .iter()
            .map(|rule| format!("\"{}\" is {}", rule.raw, said(&rule.status)))
            .collect();
        let means = match rows.as_slice() {
            [] => {
                "no status text of the tracking feed is known, so no shipment is moved".to_owned()
            }
            rows => format!("of the tracking feed {}", rows.join(", ")),
        };
        self.add("mapping.shipment.statuses", means);
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::ProfileFile;
    use crate::rules_in_effect::{Rule, rules};

    fn of(text: &str) -> Vec<Rule> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p.toml");
        std::fs::write(&path, text).unwrap();
        rules(&ProfileFile::read(Path::new(&path)).unwrap())
    }

    #[test]
    fn the_calendar_says_what_the_file_says() {
        let rules = of(
            "[mapping.calendar]\nnation = \"scotland\"\ncloses = \"00:00\"\nclosed_days = [\"2026-06-15\"]\n\
             [[mapping.shipment.statuses]]\nraw = \"Gone\"\nstatus = \"lost\"\n",
        );
        let means = |key: &str| {
            let rule = rules.iter().find(|rule| rule.key == key).unwrap();
            (rule.in_file, rule.means.as_str())
        };
        for (key, expected) in [
            ("nation", "bank holidays are those of Scotland"),
            ("closes", "work ends at midnight"),
            ("closed_days", "nobody works on 2026-06-15"),
        ] {
            assert_eq!(means(&format!("mapping.calendar.{key}")), (true, expected));
        }
        assert!(!means("mapping.calendar.cut_off").0);
        assert!(
            means("mapping.calendar.working_days")
                .1
                .contains("Mon, Tue")
        );
        assert_eq!(
            means("mapping.shipment.statuses"),
            (true, "of the tracking feed \"Gone\" is lost")
        );
    }
}
