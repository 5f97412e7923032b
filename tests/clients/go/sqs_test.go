package clients

// The AWS SDK for Go drives the life of a FIFO queue, from its creation to its deletion.

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

func connect(t *testing.T) *sqs.Client {
	t.Helper()
	return sqs.New(sqs.Options{
		BaseEndpoint:     aws.String(startServer(t)),
		Region:           "us-east-1",
		Credentials:      credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
		RetryMaxAttempts: 1,
	})
}

func uniqueName() string {
	return fmt.Sprintf("go-%d-%d.fifo", os.Getpid(), time.Now().UnixNano())
}

func createQueue(t *testing.T, client *sqs.Client, name string) *string {
	t.Helper()
	created, err := client.CreateQueue(context.Background(), &sqs.CreateQueueInput{
		QueueName:  &name,
		Attributes: map[string]string{"FifoQueue": "true", "ContentBasedDeduplication": "true"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return created.QueueUrl
}

func send(client *sqs.Client, url *string, body string) (*sqs.SendMessageOutput, error) {
	return client.SendMessage(context.Background(), &sqs.SendMessageInput{
		QueueUrl:       url,
		MessageBody:    &body,
		MessageGroupId: aws.String("g"),
		MessageAttributes: map[string]types.MessageAttributeValue{
			"film": {DataType: aws.String("String"), StringValue: aws.String("M")},
		},
	})
}

func sendBatch(t *testing.T, client *sqs.Client, url *string, bodies ...string) {
	t.Helper()
	var entries []types.SendMessageBatchRequestEntry
	for i, body := range bodies {
		entries = append(entries, types.SendMessageBatchRequestEntry{
			Id: aws.String(fmt.Sprintf("m%d", i)), MessageBody: &body,
			MessageGroupId: aws.String("g"),
		})
	}
	sent, err := client.SendMessageBatch(context.Background(),
		&sqs.SendMessageBatchInput{QueueUrl: url, Entries: entries})
	if err != nil {
		t.Fatal(err)
	}
	if len(sent.Successful) != len(bodies) || len(sent.Failed) != 0 {
		t.Fatalf("%d of %d sent, failed: %v", len(sent.Successful), len(bodies), sent.Failed)
	}
}

func receive(client *sqs.Client, url *string, seconds int32) ([]types.Message, error) {
	answer, err := client.ReceiveMessage(context.Background(), &sqs.ReceiveMessageInput{
		QueueUrl:                    url,
		MaxNumberOfMessages:         10,
		WaitTimeSeconds:             seconds,
		MessageAttributeNames:       []string{"All"},
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{"All"},
	})
	if err != nil {
		return nil, err
	}
	return answer.Messages, nil
}

func requireReceive(t *testing.T, client *sqs.Client, url *string, seconds int32) []types.Message {
	t.Helper()
	messages, err := receive(client, url, seconds)
	if err != nil {
		t.Fatal(err)
	}
	return messages
}

func bodies(messages []types.Message) []string {
	var all []string
	for _, message := range messages {
		all = append(all, *message.Body)
	}
	return all
}

func TestAFifoQueueKeepsOrderHidesAndDeletes(t *testing.T) {
	client := connect(t)
	ctx := context.Background()
	url := createQueue(t, client, uniqueName())
	sent, err := send(client, url, "grüße 👋")
	if err != nil {
		t.Fatal(err)
	}
	if len(*sent.SequenceNumber) != 20 {
		t.Fatalf("sequence number %q", *sent.SequenceNumber)
	}
	sendBatch(t, client, url, "a", "b", "a")

	messages := requireReceive(t, client, url, 5)
	if want := []string{"grüße 👋", "a", "b"}; !slices.Equal(bodies(messages), want) {
		t.Fatalf("received %q instead of %q", bodies(messages), want)
	}
	if film := messages[0].MessageAttributes["film"]; aws.ToString(film.StringValue) != "M" {
		t.Fatalf("attributes %v", messages[0].MessageAttributes)
	}
	if group := messages[0].Attributes["MessageGroupId"]; group != "g" {
		t.Fatalf("group %q", group)
	}
	for _, message := range messages {
		if _, err := client.ChangeMessageVisibility(ctx, &sqs.ChangeMessageVisibilityInput{
			QueueUrl: url, ReceiptHandle: message.ReceiptHandle, VisibilityTimeout: 0,
		}); err != nil {
			t.Fatal(err)
		}
	}
	again := requireReceive(t, client, url, 5)
	if len(again) != 3 || *again[0].MessageId != *messages[0].MessageId {
		t.Fatalf("received %q again", bodies(again))
	}
	if count := again[0].Attributes["ApproximateReceiveCount"]; count != "2" {
		t.Fatalf("receive count %q", count)
	}
	for _, message := range again {
		if _, err := client.DeleteMessage(ctx, &sqs.DeleteMessageInput{
			QueueUrl: url, ReceiptHandle: message.ReceiptHandle,
		}); err != nil {
			t.Fatal(err)
		}
	}
	if left := requireReceive(t, client, url, 0); len(left) != 0 {
		t.Fatalf("deleted, but received: %q", bodies(left))
	}
}

func TestALongPollEndsAsSoonAsAMessageArrives(t *testing.T) {
	client := connect(t)
	url := createQueue(t, client, uniqueName())
	started := time.Now()
	sent := make(chan error, 1)
	go func() {
		_, err := send(client, url, "wake up")
		sent <- err
	}()
	messages := requireReceive(t, client, url, 20)
	if err := <-sent; err != nil {
		t.Fatal(err)
	}
	if want := []string{"wake up"}; !slices.Equal(bodies(messages), want) {
		t.Fatalf("received %q", bodies(messages))
	}
	if elapsed := time.Since(started); elapsed > 5*time.Second {
		t.Fatalf("it took %v", elapsed)
	}
}

func TestADeletedQueueIsAnErrorWithATypeOfItsOwn(t *testing.T) {
	client := connect(t)
	ctx := context.Background()
	name := uniqueName()
	url := createQueue(t, client, name)
	if _, err := client.DeleteQueue(ctx, &sqs.DeleteQueueInput{QueueUrl: url}); err != nil {
		t.Fatal(err)
	}
	_, err := client.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: &name})
	var missing *types.QueueDoesNotExist
	if !errors.As(err, &missing) {
		t.Fatalf("not QueueDoesNotExist: %v", err)
	}
	var response *smithyhttp.ResponseError
	if !errors.As(err, &response) || response.HTTPStatusCode() != 400 {
		t.Fatalf("not status 400: %v", err)
	}
}
