// A function as Rust programmers write them for AWS Lambda. What it does, the event says.
use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::{Value, json};

#[derive(Debug)]
struct NoFilm(String);

impl std::fmt::Display for NoFilm {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(to, "no film {}", self.0)
    }
}

impl std::error::Error for NoFilm {}

async fn handle(event: LambdaEvent<Value>) -> Result<Value, Error> {
    let (order, context) = event.into_parts();
    if order.get("Records").is_some() {
        return handle_messages(serde_json::from_value(order)?);
    }
    if let Some(film) = order["fail"].as_str() {
        return Err(NoFilm(film.to_string()).into());
    }
    if let Some(reason) = order["panic"].as_str() {
        panic!("{reason}");
    }
    if order["wait"] == true {
        std::future::pending::<()>().await;
    }
    println!("asked for {}", order["film"]);
    let client = context.client_context.as_ref();
    Ok(json!({
        "film": order["film"],
        "requestId": context.request_id,
        "arn": context.invoked_function_arn,
        "name": context.env_config.function_name,
        "version": context.env_config.version,
        "memory": context.env_config.memory,
        "custom": client.map(|client| client.custom.clone()),
        "app": client.map(|client| client.client.app_title.clone()),
        "hasTime": context.deadline > 0,
    }))
}

/// Those whose body is no JSON have failed.
fn handle_messages(batch: SqsEvent) -> Result<Value, Error> {
    let mut response = SqsBatchResponse::default();
    for message in batch.records {
        let body = message.body.unwrap_or_default();
        match serde_json::from_str::<Value>(&body) {
            Ok(film) => {
                let genre = &message.message_attributes["genre"].string_value;
                println!("handled {} {}", film["title"], genre.as_deref().unwrap_or(""));
            }
            Err(_) => {
                println!("refused {body}");
                let mut failure = BatchItemFailure::default();
                failure.item_identifier = message.message_id.unwrap_or_default();
                response.batch_item_failures.push(failure);
            }
        }
    }
    Ok(serde_json::to_value(response)?)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run(service_fn(handle)).await
}
