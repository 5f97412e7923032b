"""Two functions that use Powertools as its documentation shows it."""

import os
import uuid

from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.utilities.batch import (BatchProcessor, EventType,
                                                   process_partial_response)
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.idempotency import (DynamoDBPersistenceLayer,
                                                         IdempotencyConfig, idempotent,
                                                         idempotent_function)

logger = Logger()
tracer = Tracer()
seen = DynamoDBPersistenceLayer(table_name=os.environ["TABLE"])
by_order = IdempotencyConfig(event_key_jmespath="order", raise_on_no_idempotency_key=True)
by_message = IdempotencyConfig(event_key_jmespath="body")
processor = BatchProcessor(event_type=EventType.SQS)


@logger.inject_lambda_context(correlation_id_path="order", log_event=False)
@tracer.capture_lambda_handler
@idempotent(config=by_order, persistence_store=seen)
def sell(event, context):
    logger.info("selling", extra={"film": event.get("film")})
    if event.get("film") is None:
        raise ValueError("which film?")
    return {"ticket": str(uuid.uuid4()), "film": event["film"]}


@idempotent_function(data_keyword_argument="record", config=by_message, persistence_store=seen)
def handle_message(record: SQSRecord):
    body = record.json_body
    logger.info("handled", extra={"title": body["title"]})
    return body["title"]


@tracer.capture_method
def handle_record(record: SQSRecord):
    return handle_message(record=record)


@logger.inject_lambda_context
def handle_batch(event, context):
    by_message.register_lambda_context(context)
    return process_partial_response(event=event, record_handler=handle_record,
                                    processor=processor, context=context)
