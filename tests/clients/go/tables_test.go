package clients

// The packages attributevalue and expression of the AWS SDK for Go put values of a type into a
// table, and write its conditions, keys, filters, projections and updates.

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

type place struct {
	City  string
	Halls int `dynamodbav:",omitempty"`
}

type film struct {
	Genre string    `dynamodbav:"genre"`
	Title string    `dynamodbav:"title"`
	Year  int       `dynamodbav:"year"`
	Tags  []string  `dynamodbav:"tags,stringset,omitempty"`
	Cast  []string  `dynamodbav:"cast,omitempty"`
	Raw   []byte    `dynamodbav:"raw,omitempty"`
	Place *place    `dynamodbav:"place,omitempty"`
	Until time.Time `dynamodbav:"until,unixtime,omitempty"`
}

type table struct {
	t      *testing.T
	client *dynamodb.Client
	name   *string
}

func newTable(t *testing.T) *table {
	t.Helper()
	ctx := context.Background()
	c := newCloud(t)
	table := &table{t, dynamodb.NewFromConfig(c.config), aws.String("films")}
	key := func(names ...string) []types.KeySchemaElement {
		kinds := types.KeyTypeHash.Values()
		schema := []types.KeySchemaElement{}
		for i, name := range names {
			schema = append(schema, types.KeySchemaElement{
				AttributeName: &name, KeyType: kinds[i]})
		}
		return schema
	}
	definition := func(name string, kind types.ScalarAttributeType) types.AttributeDefinition {
		return types.AttributeDefinition{AttributeName: &name, AttributeType: kind}
	}
	_, err := table.client.CreateTable(ctx, &dynamodb.CreateTableInput{
		TableName: table.name, BillingMode: types.BillingModePayPerRequest,
		KeySchema: key("genre", "title"),
		AttributeDefinitions: []types.AttributeDefinition{
			definition("genre", "S"), definition("title", "S"), definition("year", "N")},
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{{
			IndexName: aws.String("by-year"), KeySchema: key("genre", "year"),
			Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll},
		}},
	})
	table.check(err)
	waiter := dynamodb.NewTableExistsWaiter(table.client)
	table.check(waiter.Wait(ctx, &dynamodb.DescribeTableInput{TableName: table.name}, time.Minute))
	return table
}

func (table *table) check(err error) {
	table.t.Helper()
	if err != nil {
		table.t.Fatal(err)
	}
}

func (table *table) item(value any) map[string]types.AttributeValue {
	table.t.Helper()
	item, err := attributevalue.MarshalMap(value)
	table.check(err)
	return item
}

func (table *table) key(genre, title string) map[string]types.AttributeValue {
	return table.item(map[string]string{"genre": genre, "title": title})
}

func (table *table) put(film film) {
	table.t.Helper()
	_, err := table.client.PutItem(context.Background(), &dynamodb.PutItemInput{
		TableName: table.name, Item: table.item(film)})
	table.check(err)
}

func (table *table) get(genre, title string) *film {
	table.t.Helper()
	got, err := table.client.GetItem(context.Background(), &dynamodb.GetItemInput{
		TableName: table.name, Key: table.key(genre, title), ConsistentRead: aws.Bool(true)})
	table.check(err)
	if got.Item == nil {
		return nil
	}
	found := &film{}
	table.check(attributevalue.UnmarshalMap(got.Item, found))
	return found
}

func (table *table) build(builder expression.Builder) expression.Expression {
	table.t.Helper()
	built, err := builder.Build()
	table.check(err)
	return built
}

func TestAFilmIsPutReadUpdatedAndDeleted(t *testing.T) {
	ctx := context.Background()
	table := newTable(t)
	ran := film{Genre: "drama", Title: "Ran", Year: 1985, Tags: []string{"epic", "war"},
		Cast: []string{"Nakadai"}, Raw: []byte{0, 255}, Place: &place{City: "Tokyo"},
		Until: time.Unix(4_000_000_000, 0)}
	table.put(ran)
	if got := table.get("drama", "Ran"); !reflect.DeepEqual(*got, ran) {
		t.Fatalf("got %+v for %+v", *got, ran)
	}
	update := table.build(expression.NewBuilder().
		WithUpdate(expression.Set(expression.Name("year"),
			expression.Name("year").Plus(expression.Value(1))).
			Set(expression.Name("cast"), expression.Name("cast").ListAppend(
				expression.Value([]string{"Terao"}))).
			Set(expression.Name("place.Halls"), expression.IfNotExists(
				expression.Name("place.Halls"), expression.Value(2))).
			Remove(expression.Name("raw")).
			Delete(expression.Name("tags"), expression.Value(
				&types.AttributeValueMemberSS{Value: []string{"epic"}}))).
		WithCondition(expression.Name("year").Between(expression.Value(1980),
			expression.Value(1990)).And(expression.Contains(expression.Name("cast"), "Nakadai"))))
	updated, err := table.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: table.name, Key: table.key("drama", "Ran"), ReturnValues: "ALL_NEW",
		UpdateExpression: update.Update(), ConditionExpression: update.Condition(),
		ExpressionAttributeNames: update.Names(), ExpressionAttributeValues: update.Values()})
	table.check(err)
	wanted := film{Genre: "drama", Title: "Ran", Year: 1986, Tags: []string{"war"},
		Cast: []string{"Nakadai", "Terao"}, Place: &place{"Tokyo", 2}, Until: ran.Until}
	now := film{}
	table.check(attributevalue.UnmarshalMap(updated.Attributes, &now))
	if !reflect.DeepEqual(now, wanted) {
		t.Fatalf("became %+v, not %+v", now, wanted)
	}
	condition := table.build(expression.NewBuilder().WithCondition(
		expression.AttributeNotExists(expression.Name("place.City"))))
	_, err = table.client.DeleteItem(ctx, &dynamodb.DeleteItemInput{
		TableName: table.name, Key: table.key("drama", "Ran"),
		ConditionExpression: condition.Condition(), ExpressionAttributeNames: condition.Names(),
		ReturnValuesOnConditionCheckFailure: "ALL_OLD"})
	var failed *types.ConditionalCheckFailedException
	if !errors.As(err, &failed) || len(failed.Item) != 7 {
		t.Fatalf("deleted in spite of the condition: %v", err)
	}
	_, err = table.client.DeleteItem(ctx, &dynamodb.DeleteItemInput{
		TableName: table.name, Key: table.key("drama", "Ran")})
	table.check(err)
	if table.get("drama", "Ran") != nil {
		t.Fatal("the film is still there")
	}
}

func TestFilmsAreQueriedInPages(t *testing.T) {
	table := newTable(t)
	for year := 1990; year < 2000; year++ {
		table.put(film{Genre: "series", Title: "Part " + string(rune('a'+year-1990)), Year: year})
	}
	query := table.build(expression.NewBuilder().
		WithKeyCondition(expression.Key("genre").Equal(expression.Value("series")).
			And(expression.Key("year").GreaterThan(expression.Value(1991)))).
		WithFilter(expression.Name("title").NotEqual(expression.Value("Part d"))).
		WithProjection(expression.NamesList(expression.Name("year"))))
	pages := dynamodb.NewQueryPaginator(table.client, &dynamodb.QueryInput{
		TableName: table.name, IndexName: aws.String("by-year"), Limit: aws.Int32(3),
		ScanIndexForward:       aws.Bool(false),
		KeyConditionExpression: query.KeyCondition(), FilterExpression: query.Filter(),
		ProjectionExpression: query.Projection(), ExpressionAttributeNames: query.Names(),
		ExpressionAttributeValues: query.Values()})
	years := []int{}
	for pages.HasMorePages() {
		page, err := pages.NextPage(context.Background())
		table.check(err)
		films := []film{}
		table.check(attributevalue.UnmarshalListOfMaps(page.Items, &films))
		for _, film := range films {
			years = append(years, film.Year)
		}
	}
	if !reflect.DeepEqual(years, []int{1999, 1998, 1997, 1996, 1995, 1994, 1992}) {
		t.Fatal(years)
	}
}

func TestFilmsAreWrittenInOneTransaction(t *testing.T) {
	ctx := context.Background()
	table := newTable(t)
	table.put(film{Genre: "drama", Title: "Ran", Year: 1985})
	isNew := table.build(expression.NewBuilder().WithCondition(
		expression.AttributeNotExists(expression.Name("genre"))))
	put := func(title string) types.TransactWriteItem {
		return types.TransactWriteItem{Put: &types.Put{
			TableName: table.name, Item: table.item(film{Genre: "drama", Title: title}),
			ConditionExpression: isNew.Condition(), ExpressionAttributeNames: isNew.Names()}}
	}
	write := func(items ...types.TransactWriteItem) error {
		_, err := table.client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{
			TransactItems: items})
		return err
	}
	table.check(write(put("Ikiru"), put("Yojimbo")))
	err := write(put("Rashomon"), put("Ran"))
	var cancelled *types.TransactionCanceledException
	if !errors.As(err, &cancelled) {
		t.Fatalf("not cancelled: %v", err)
	}
	codes := []string{}
	for _, reason := range cancelled.CancellationReasons {
		codes = append(codes, *reason.Code)
	}
	if !reflect.DeepEqual(codes, []string{"None", "ConditionalCheckFailed"}) {
		t.Fatal(codes)
	}
	if table.get("drama", "Ikiru") == nil || table.get("drama", "Rashomon") != nil {
		t.Fatal("a transaction was not carried out, or by halves")
	}
}
