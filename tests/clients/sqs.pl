# Amazon::SQS::Simple against the endpoint in the first argument: what a program of its users does.
use strict;
use warnings;
use Amazon::SQS::Simple;

my ($endpoint, $name) = @ARGV;
my $sqs = Amazon::SQS::Simple->new('AKIDEXAMPLE', 'secret', Endpoint => $endpoint);

my $queue = $sqs->CreateQueue($name);
my @named = grep { m{/\Q$name\E$} } map { "$_" } @{ $sqs->ListQueues() };
print "listed ", scalar @named, "\n";
my $sent = $queue->SendMessage('one & <b>+1</b>');
print "verified ", ($sent->VerifyReceipt() ? 'yes' : 'no'), "\n";
$queue->SendMessageBatch([ 'two', 'three' ]);
my %attributes = %{ $queue->GetAttributes() };
print "waiting $attributes{ApproximateNumberOfMessages}\n";
$queue->SetAttribute('VisibilityTimeout', 77);
print "timeout ", $queue->GetAttributes()->{VisibilityTimeout}, "\n";
my @messages;
push @messages, $queue->ReceiveMessageBatch() while @messages < 3;
print "received ", join(' ', sort map { $_->MessageBody } @messages), "\n";
$queue->ChangeMessageVisibility($messages[0]->ReceiptHandle, 0);
my $again = $queue->ReceiveMessage();
print "again ", ($again->MessageId eq $messages[0]->MessageId ? 'yes' : 'no'), "\n";
$queue->DeleteMessage($again);
$queue->DeleteMessageBatch([ @messages[ 1, 2 ] ]);
print "left ", (defined $queue->ReceiveMessage() ? 'some' : 'none'), "\n";
$queue->AddPermission('share', { '111122223333' => 'SendMessage' });
$queue->RemovePermission('share');
$queue->Purge();
$queue->Delete();
eval { $queue->SendMessage('gone') };
print "gone ", ($@ =~ /for this wsdl version/ ? 'yes' : $@), "\n";
