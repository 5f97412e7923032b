// A function as Go programmers write them for AWS Lambda. What it does, the event says.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

type order struct {
	Film    string              `json:"film"`
	Fail    string              `json:"fail"`
	Panic   string              `json:"panic"`
	Wait    bool                `json:"wait"`
	Records []events.SQSMessage `json:"Records"`
}

type answer struct {
	Film      string            `json:"film"`
	RequestID string            `json:"requestId"`
	Arn       string            `json:"arn"`
	Name      string            `json:"name"`
	Version   string            `json:"version"`
	Memory    int               `json:"memory"`
	Custom    map[string]string `json:"custom"`
	App       string            `json:"app"`
	HasTime   bool              `json:"hasTime"`
}

type filmError struct{ film string }

func (e *filmError) Error() string { return "no film " + e.film }

func handle(ctx context.Context, order order) (any, error) {
	switch {
	case order.Records != nil:
		return handleMessages(order.Records), nil
	case order.Fail == "plain":
		return nil, errors.New("a plain error")
	case order.Fail != "":
		return nil, &filmError{order.Fail}
	case order.Panic != "":
		panic(order.Panic)
	case order.Wait:
		<-ctx.Done()
		// Whoever was told of its deadline, and does not answer in time, is ended.
		select {}
	}
	deadline, ok := ctx.Deadline()
	known, _ := lambdacontext.FromContext(ctx)
	log.Printf("asked for %s", order.Film)
	return answer{
		Film: order.Film, RequestID: known.AwsRequestID, Arn: known.InvokedFunctionArn,
		Name: lambdacontext.FunctionName, Version: lambdacontext.FunctionVersion,
		Memory: lambdacontext.MemoryLimitInMB, Custom: known.ClientContext.Custom,
		App: known.ClientContext.Client.AppTitle, HasTime: ok && !deadline.IsZero(),
	}, nil
}

// Those with the body "bad" have failed.
func handleMessages(messages []events.SQSMessage) events.SQSEventResponse {
	var response events.SQSEventResponse
	for _, message := range messages {
		var body struct{ Title string }
		if json.Unmarshal([]byte(message.Body), &body) != nil {
			fmt.Printf("refused %s\n", message.Body)
			response.BatchItemFailures = append(response.BatchItemFailures,
				events.SQSBatchItemFailure{ItemIdentifier: message.MessageId})
			continue
		}
		fmt.Printf("handled %s %s\n", body.Title, *message.MessageAttributes["genre"].StringValue)
	}
	return response
}

func main() {
	lambda.Start(handle)
}
