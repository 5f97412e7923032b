"""Encryption under keys of KMS, as boto3 sees it, and their management."""

import json
import time

import kms_keys
import matinee_server
import pytest
from kms_keys import fault_of, make_key
from polling import eventually

DAY = 86_400


@pytest.fixture(scope="module")
def kms(endpoint):
    return kms_keys.client(endpoint)


@pytest.fixture
def key(kms):
    return make_key(kms)


def test_a_key_is_described_as_it_was_made(kms):
    key = make_key(kms, Description="for a test", Tags=[{"TagKey": "a", "TagValue": "b"}])
    assert key["Arn"] == f"arn:aws:kms:us-east-1:000000000000:key/{key['KeyId']}"
    assert {name: key[name] for name in ("Enabled", "KeyState", "KeyUsage", "KeySpec", "Origin",
                                         "KeyManager", "MultiRegion", "EncryptionAlgorithms")} == {
        "Enabled": True, "KeyState": "Enabled", "KeyUsage": "ENCRYPT_DECRYPT",
        "KeySpec": "SYMMETRIC_DEFAULT", "Origin": "AWS_KMS", "KeyManager": "CUSTOMER",
        "MultiRegion": False, "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"]}
    assert kms.describe_key(KeyId=key["Arn"])["KeyMetadata"] == key
    assert kms.list_resource_tags(KeyId=key["KeyId"])["Tags"] == [
        {"TagKey": "a", "TagValue": "b"}]
    policy = kms.get_key_policy(KeyId=key["KeyId"], PolicyName="default")["Policy"]
    assert json.loads(policy)["Id"] == "key-default-1"


def test_what_was_encrypted_needs_its_context(kms, key):
    context = {"purpose": "test", "stage": "one"}
    made = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"secret", EncryptionContext=context)
    assert made["KeyId"] == key["Arn"]
    blob = made["CiphertextBlob"]
    opened = kms.decrypt(CiphertextBlob=blob, EncryptionContext=dict(reversed(context.items())))
    assert opened["Plaintext"] == b"secret"
    assert opened["KeyMaterialId"] == key["CurrentKeyMaterialId"]
    nothing = ("InvalidCiphertextException", None)
    assert fault_of(kms.decrypt, CiphertextBlob=blob) == nothing
    assert fault_of(kms.decrypt, CiphertextBlob=blob + b"x", EncryptionContext=context) == nothing
    assert fault_of(kms.decrypt, CiphertextBlob=b"nonsense") == nothing


def test_keys_are_named_in_four_ways(kms, key, name):
    kms.create_alias(AliasName=f"alias/{name}", TargetKeyId=key["KeyId"])
    alias = f"alias/{name}"
    arn = f"arn:aws:kms:us-east-1:000000000000:{alias}"
    for text in (key["KeyId"], key["Arn"], alias, arn):
        assert kms.encrypt(KeyId=text, Plaintext=b"x")["KeyId"] == key["Arn"]
    assert fault_of(kms.enable_key, KeyId=alias)[0] == "NotFoundException"
    found = kms.list_aliases(KeyId=key["KeyId"])["Aliases"]
    assert [(one["AliasName"], one["AliasArn"], one["TargetKeyId"]) for one in found] == [
        (alias, arn, key["KeyId"])]
    other = make_key(kms)
    kms.update_alias(AliasName=alias, TargetKeyId=other["KeyId"])
    assert kms.describe_key(KeyId=alias)["KeyMetadata"]["KeyId"] == other["KeyId"]
    kms.delete_alias(AliasName=alias)
    assert fault_of(kms.describe_key, KeyId=alias) == (
        "NotFoundException", f"Alias {arn} is not found.")


@pytest.mark.parametrize("text, message", [
    ("fake-key-id", "Invalid keyId 'fake-key-id'"),
    ("11111111222233334444555555555555", "Invalid keyId '11111111222233334444555555555555'"),
    ("mrk-fake-key-id", "Invalid keyId 'mrk-fake-key-id'"),
    ("11111111-2222-3333-4444-555555555555",
     "Key 'arn:aws:kms:us-east-1:000000000000:key/11111111-2222-3333-4444-555555555555' does not "
     "exist"),
    ("arn:aws:kms:eu-west-1:000000000000:key/11111111-2222-3333-4444-555555555555",
     "Invalid arn eu-west-1"),
])
def test_unknown_keys_are_told_by_their_form(kms, text, message):
    assert fault_of(kms.describe_key, KeyId=text) == ("NotFoundException", message)


@pytest.mark.parametrize("settings, message", [
    ({"KeySpec": "HMAC_256"}, "You must specify a KeyUsage value for all KMS keys except for "
                              "symmetric encryption keys."),
    ({"KeyUsage": "RANDOM"},
     "1 validation error detected: Value 'RANDOM' at 'keyUsage' failed to satisfy constraint: "
     "Member must satisfy enum value set: [ENCRYPT_DECRYPT, SIGN_VERIFY, GENERATE_VERIFY_MAC]"),
])
def test_wrong_settings_of_keys_are_refused(kms, settings, message):
    assert fault_of(kms.create_key, **settings) == ("ValidationException", message)


def test_data_keys_decrypt_to_themselves(kms, key):
    made = kms.generate_data_key(KeyId=key["KeyId"], KeySpec="AES_256",
                                 EncryptionContext={"a": "b"})
    assert len(made["Plaintext"]) == 32
    assert kms.decrypt(CiphertextBlob=made["CiphertextBlob"],
                       EncryptionContext={"a": "b"})["Plaintext"] == made["Plaintext"]
    hidden = kms.generate_data_key_without_plaintext(KeyId=key["KeyId"], NumberOfBytes=7)
    assert "Plaintext" not in hidden
    assert len(kms.decrypt(CiphertextBlob=hidden["CiphertextBlob"])["Plaintext"]) == 7
    pair = kms.generate_data_key_pair(KeyId=key["KeyId"], KeyPairSpec="RSA_2048")
    assert kms.decrypt(CiphertextBlob=pair["PrivateKeyCiphertextBlob"])["Plaintext"] == pair[
        "PrivateKeyPlaintext"]
    assert len(kms.generate_random(NumberOfBytes=33)["Plaintext"]) == 33
    assert fault_of(kms.generate_random) == ("ValidationException", "NumberOfBytes is required.")


def test_states_follow_each_other_and_say_so(kms, key):
    kms.disable_key(KeyId=key["KeyId"])
    assert fault_of(kms.encrypt, KeyId=key["KeyId"], Plaintext=b"x") == (
        "DisabledException", f"{key['Arn']} is disabled.")
    scheduled = kms.schedule_key_deletion(KeyId=key["KeyId"], PendingWindowInDays=7)
    assert scheduled["KeyId"] == key["Arn"]
    assert scheduled["KeyState"] == "PendingDeletion"
    assert scheduled["PendingWindowInDays"] == 7
    assert abs(scheduled["DeletionDate"].timestamp() - time.time() - 7 * DAY) < 60
    assert fault_of(kms.encrypt, KeyId=key["KeyId"], Plaintext=b"x") == (
        "KMSInvalidStateException", f"{key['Arn']} is pending deletion.")
    assert kms.cancel_key_deletion(KeyId=key["KeyId"])["KeyId"] == key["Arn"]
    found = kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
    assert (found["KeyState"], "DeletionDate" in found) == ("Disabled", False)
    kms.enable_key(KeyId=key["KeyId"])
    assert kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")["KeyId"] == key["Arn"]


def test_rotation_keeps_old_ciphertexts(kms, key):
    status = kms.get_key_rotation_status(KeyId=key["KeyId"])
    del status["ResponseMetadata"]
    assert status == {"KeyId": key["Arn"], "KeyRotationEnabled": False}
    blob = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")["CiphertextBlob"]
    kms.enable_key_rotation(KeyId=key["KeyId"], RotationPeriodInDays=100)
    assert kms.rotate_key_on_demand(KeyId=key["KeyId"])["KeyId"] == key["Arn"]
    status = kms.get_key_rotation_status(KeyId=key["KeyId"])
    assert status["RotationPeriodInDays"] == 100
    assert abs(status["NextRotationDate"].timestamp() - time.time() - 100 * DAY) < 60
    rotations = kms.list_key_rotations(KeyId=key["KeyId"])["Rotations"]
    assert [one["RotationType"] for one in rotations] == ["ON_DEMAND"]
    every = kms.list_key_rotations(KeyId=key["KeyId"], IncludeKeyMaterial="ALL_KEY_MATERIAL")
    assert [one["KeyMaterialState"] for one in every["Rotations"]] == ["NON_CURRENT", "CURRENT"]
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"


def test_grants_come_and_go(kms, key):
    user = "arn:aws:iam::000000000000:user/somebody"
    made = kms.create_grant(KeyId=key["KeyId"], GranteePrincipal=user, RetiringPrincipal=user,
                            Operations=["Encrypt", "Decrypt"], Name="one",
                            Constraints={"EncryptionContextSubset": {"a": "b"}})
    assert len(made["GrantId"]) == 64
    listed, = kms.list_grants(KeyId=key["KeyId"])["Grants"]
    assert listed["KeyId"] == key["Arn"]
    assert listed["Constraints"] == {"EncryptionContextSubset": {"a": "b"}}
    retirable = kms.list_retirable_grants(RetiringPrincipal=user)["Grants"]
    assert made["GrantId"] in [one["GrantId"] for one in retirable]
    kms.retire_grant(GrantToken=made["GrantToken"])
    assert kms.list_grants(KeyId=key["KeyId"])["Grants"] == []
    again = kms.create_grant(KeyId=key["KeyId"], GranteePrincipal=user, Operations=["Encrypt"])
    kms.revoke_grant(KeyId=key["KeyId"], GrantId=again["GrantId"])
    assert kms.list_grants(KeyId=key["KeyId"])["Grants"] == []


def test_lists_come_in_pages(kms):
    keys = {make_key(kms)["KeyId"] for _ in range(3)}
    found = []
    for page in kms.get_paginator("list_keys").paginate(PaginationConfig={"PageSize": 2}):
        found += [one["KeyId"] for one in page["Keys"]]
    assert keys <= set(found)
    assert len(found) == len(set(found))
    aliases = []
    for page in kms.get_paginator("list_aliases").paginate(PaginationConfig={"PageSize": 5}):
        aliases += [one["AliasName"] for one in page["Aliases"]]
    assert "alias/aws/s3" in aliases
    assert fault_of(kms.list_keys, Marker="nonsense")[0] == "InvalidMarkerException"


def test_a_dry_run_tells_that_it_would_have_worked(kms, key):
    assert fault_of(kms.encrypt, KeyId=key["KeyId"], Plaintext=b"x", DryRun=True) == (
        "DryRunOperationException",
        "The request would have succeeded, but the DryRun option is set.")


def test_replicas_open_each_others_ciphertexts(endpoint, kms):
    there = kms_keys.client(endpoint, region="eu-west-1")
    key = make_key(kms, MultiRegion=True)
    assert key["KeyId"].startswith("mrk-")
    assert fault_of(there.describe_key, KeyId=key["KeyId"])[0] == "NotFoundException"
    made = kms.replicate_key(KeyId=key["KeyId"], ReplicaRegion="eu-west-1")
    assert made["ReplicaKeyMetadata"]["KeyState"] == "Creating"
    assert "ReplicaTags" not in made
    blob = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")["CiphertextBlob"]
    eventually(lambda: there.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["Enabled"])
    assert there.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"


def test_custom_key_stores_and_unknown_specs_are_not_served(kms):
    for call in (lambda: kms.describe_custom_key_stores(),
                 lambda: kms.create_key(KeySpec="ML_DSA_44", KeyUsage="SIGN_VERIFY")):
        with pytest.raises(kms.exceptions.ClientError) as raised:
            call()
        assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501


def test_ciphertexts_keep_over_a_kill(tmp_path):
    with matinee_server.Server(tmp_path / "data") as server:
        kms = kms_keys.client(server.url)
        key = make_key(kms)
        rsa = make_key(kms, KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT")
        blob = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")["CiphertextBlob"]
        kms.rotate_key_on_demand(KeyId=key["KeyId"])
        rsa_blob = kms.encrypt(KeyId=rsa["KeyId"], Plaintext=b"y",
                               EncryptionAlgorithm="RSAES_OAEP_SHA_256")["CiphertextBlob"]
        server.kill()
        server.start()
        kms = kms_keys.client(server.url)
        assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"
        assert kms.decrypt(CiphertextBlob=rsa_blob, KeyId=rsa["KeyId"],
                           EncryptionAlgorithm="RSAES_OAEP_SHA_256")["Plaintext"] == b"y"
