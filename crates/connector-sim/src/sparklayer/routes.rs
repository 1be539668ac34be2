//! The HTTP surface of the simulated shop.

mod carts;
mod customers;
mod pricing;
mod purchases;
mod simulator;
mod stock;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::post;
use http::StatusCode;

use super::{Shop, access};
use crate::problem::Problem;

type Answer = Result<Response, Problem>;
type Routes = Router<Arc<Shop>>;

pub(crate) fn router(shop: Arc<Shop>) -> Router {
    let with_token = Router::new()
        .merge(purchases::routes())
        .merge(carts::routes())
        .merge(stock::routes())
        .merge(customers::routes())
        .merge(pricing::routes())
        .route_layer(from_fn_with_state(Arc::clone(&shop), access::authorise));
    let api = Router::new()
        .route("/api/auth/token", post(access::token))
        .merge(with_token)
        .fallback(unknown_path)
        .layer(from_fn_with_state(Arc::clone(&shop), access::form_errors));
    api.merge(simulator::routes())
        .layer(DefaultBodyLimit::disable())
        .with_state(shop)
}

async fn unknown_path() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "no such resource")
}

impl Shop {
    /// Acts on the state for a request that writes; the platform's connector runs afterwards where a switch asks for it.
    fn write<T>(
        &self,
        act: impl FnOnce(&mut super::ShopState) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        let now = self.clock.now();
        self.with(|state| {
            let done = act(state)?;
            // Assumed: connector-runs.
            if state.switches.connector_after_writes {
                state.run_connector(now);
            }
            Ok(done)
        })
    }
}
