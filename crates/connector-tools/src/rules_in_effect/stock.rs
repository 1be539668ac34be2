//! Stock and buffers in words.

use order_mapping::{Buffer, FeedBasis, StockPolicy};

use super::{List, said};

impl List<'_> {
    pub(super) fn stock(&mut self, policy: &StockPolicy) {
        let basis = match policy.feed_basis {
            FeedBasis::PeriodicSnapshot => {
                "figures are a picture of one moment; orders accepted later are taken off"
                    .to_owned()
            }
            FeedBasis::FeedExcludesAccepted => {
                "figures leave out every accepted order at any moment".to_owned()
            }
            other => said(&other),
        };
        self.add("mapping.stock.feed_basis", basis);
        self.add(
            "mapping.stock.clock_skew_seconds",
            format!("the clocks may be {} s apart", policy.clock_skew_seconds),
        );
        self.add(
            "mapping.stock.sync_interval_minutes",
            format!(
                "stock is published every {} minutes, for buffers by sales rate",
                policy.sync_interval_minutes
            ),
        );
        self.add(
            "mapping.stock.rate_factor_percent",
            format!(
                "buffers by sales rate count {} % of the rate",
                policy.rate_factor_percent
            ),
        );
        self.buffer("mapping.stock.buffer", &policy.buffer);
        let own = match policy.sku_buffers.len() {
            0 => "no article has a buffer of its own".to_owned(),
            number => format!("articles with a buffer of their own: {number}"),
        };
        self.add("mapping.stock.sku_buffers", own);
        for (index, one) in policy.sku_buffers.iter().enumerate() {
            let buffer = &one.buffer;
            let means = format!(
                "{} keeps back the largest of {} units, {} %, {} units a day; packs of {}; shows {}",
                one.sku,
                buffer.fixed,
                buffer.percent,
                buffer.units_per_day,
                buffer.pack_size,
                most_shown(buffer)
            );
            self.add(&format!("mapping.stock.sku_buffers.{index}"), means);
        }
    }

    fn buffer(&mut self, key: &str, buffer: &Buffer) {
        let or = "; of several buffers the largest counts";
        for (member, means) in [
            ("fixed", format!("{} units are kept back{or}", buffer.fixed)),
            (
                "percent",
                format!("{} % of what is free is kept back{or}", buffer.percent),
            ),
            (
                "units_per_day",
                format!(
                    "what sells between two syncs at {} units a day is kept back{or}",
                    buffer.units_per_day
                ),
            ),
            (
                "pack_size",
                format!("stock is offered in multiples of {}", buffer.pack_size),
            ),
            (
                "max_shown",
                format!("the shop shows {}", most_shown(buffer)),
            ),
        ] {
            self.add(&format!("{key}.{member}"), means);
        }
    }
}

fn most_shown(buffer: &Buffer) -> String {
    buffer
        .max_shown
        .map_or_else(|| "every unit".to_owned(), |most| format!("at most {most}"))
}
