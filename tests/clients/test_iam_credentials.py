"""What proves who somebody is, beside access keys: passwords, devices, certificates, keys of single
services, and the providers of identities from elsewhere.
"""

import base64
import csv
import datetime
import hashlib
import hmac
import io
import struct
import subprocess
import time

import aws_clients
import pytest
from botocore.exceptions import ClientError

METADATA = ('<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" '
            'entityID="https://office.example/saml" validUntil="2031-02-03T04:05:06Z">'
            "<IDPSSODescriptor>" + "<!-- -->" * 120 + "</IDPSSODescriptor></EntityDescriptor>")


@pytest.fixture(scope="module")
def iam(endpoint):
    return aws_clients.client("iam", endpoint)


@pytest.fixture
def user(iam, name):
    iam.create_user(UserName=name)
    return name


def refused(call, **parameters):
    with pytest.raises(ClientError) as raised:
        call(**parameters)
    error = raised.value.response
    status = error["ResponseMetadata"]["HTTPStatusCode"]
    return f"{status} {error['Error']['Code']}: {error['Error']['Message']}"


def certificate(folder, name="matinee.example"):
    """A certificate that signs itself, and its key."""
    key, body = folder / "key.pem", folder / "body.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30",
                    "-subj", f"/CN={name}", "-keyout", key, "-out", body],
                   check=True, capture_output=True)
    return body.read_text(), key.read_text()


def code_at(seed, step):
    padded = seed + b"=" * (-len(seed) % 8)
    digest = hmac.new(base64.b32decode(padded), struct.pack(">Q", step), hashlib.sha1).digest()
    start = digest[-1] & 15
    number = struct.unpack(">I", digest[start:start + 4])[0] & 0x7FFFFFFF
    return f"{number % 1000000:06}"


def test_a_user_has_one_login_profile_with_a_password_that_is_good(iam, user):
    assert refused(iam.get_login_profile, UserName=user) == (
        f"404 NoSuchEntity: Login Profile for User {user} cannot be found.")
    assert refused(iam.create_login_profile, UserName=user, Password="short").startswith(
        "400 PasswordPolicyViolation: ")
    made = iam.create_login_profile(UserName=user, Password="Long-enough-1",
                                    PasswordResetRequired=True)["LoginProfile"]
    assert set(made) == {"UserName", "CreateDate", "PasswordResetRequired"}
    assert refused(iam.create_login_profile, UserName=user, Password="Long-enough-1") == (
        f"409 EntityAlreadyExists: Login Profile for user {user} already exists.")
    assert refused(iam.delete_user, UserName=user).startswith("409 DeleteConflict: ")
    iam.update_login_profile(UserName=user, PasswordResetRequired=False)
    assert not iam.get_login_profile(UserName=user)["LoginProfile"]["PasswordResetRequired"]
    iam.delete_login_profile(UserName=user)
    iam.delete_user(UserName=user)


def test_users_change_their_own_password(iam, endpoint, user):
    key = iam.create_access_key(UserName=user)["AccessKey"]
    own = aws_clients.client("iam", endpoint, credentials={
        "aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]})
    iam.create_login_profile(UserName=user, Password="Long-enough-1")
    assert refused(own.change_password, OldPassword="guess", NewPassword="Long-enough-2"
                   ).startswith("403 AccessDenied: ")
    own.change_password(OldPassword="Long-enough-1", NewPassword="Long-enough-2")
    own.change_password(OldPassword="Long-enough-2", NewPassword="Long-enough-3")
    assert refused(iam.change_password, OldPassword="a", NewPassword="b").startswith(
        "400 InvalidUserType: ")


def test_an_account_may_have_rules_for_passwords(endpoint):
    credentials = {"aws_access_key_id": "777788889999", "aws_secret_access_key": "x"}
    iam = aws_clients.client("iam", endpoint, credentials=credentials)
    assert refused(iam.get_account_password_policy) == (
        "404 NoSuchEntity: The Password Policy with domain name 777788889999 cannot be found.")
    iam.update_account_password_policy(MinimumPasswordLength=12, RequireSymbols=True,
                                       MaxPasswordAge=90)
    policy = iam.get_account_password_policy()["PasswordPolicy"]
    assert policy == {"MinimumPasswordLength": 12, "RequireSymbols": True, "RequireNumbers": False,
                      "RequireUppercaseCharacters": False, "RequireLowercaseCharacters": False,
                      "AllowUsersToChangePassword": False, "ExpirePasswords": True,
                      "MaxPasswordAge": 90}
    iam.create_user(UserName="ann")
    assert refused(iam.create_login_profile, UserName="ann", Password="shorter").endswith(
        "Password should have a minimum length of 12")
    assert refused(iam.create_login_profile, UserName="ann", Password="12lettersLong").endswith(
        "Password should have at least one symbol")
    iam.delete_account_password_policy()
    assert refused(iam.delete_account_password_policy).startswith("404 NoSuchEntity: ")


def test_a_device_is_enabled_by_two_codes_and_proves_sessions(iam, endpoint, user):
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName=user)["VirtualMFADevice"]
    serial, seed = device["SerialNumber"], device["Base32StringSeed"]
    assert serial.endswith(f":mfa/{user}")
    assert device["QRCodePNG"].startswith(b"\x89PNG")
    assert refused(iam.create_virtual_mfa_device, VirtualMFADeviceName=user) == (
        "409 EntityAlreadyExists: MFADevice entity at the same path and name already exists.")
    assert refused(iam.create_virtual_mfa_device, VirtualMFADeviceName="n" * 900).startswith(
        "400 ValidationError: ")
    step = int(time.time()) // 30
    assert refused(iam.enable_mfa_device, UserName=user, SerialNumber=serial,
                   AuthenticationCode1=code_at(seed, step - 1),
                   AuthenticationCode2=code_at(seed, step - 1)).startswith(
                       "403 InvalidAuthenticationCode: ")
    iam.enable_mfa_device(UserName=user, SerialNumber=serial,
                          AuthenticationCode1=code_at(seed, step - 2),
                          AuthenticationCode2=code_at(seed, step - 1))
    [listed] = iam.list_mfa_devices(UserName=user)["MFADevices"]
    assert listed["SerialNumber"] == serial
    assert iam.get_mfa_device(SerialNumber=serial)["UserName"] == user
    [assigned] = [each for each in
                  iam.list_virtual_mfa_devices(AssignmentStatus="Assigned")["VirtualMFADevices"]
                  if each["SerialNumber"] == serial]
    assert assigned["User"]["UserName"] == user

    key = iam.create_access_key(UserName=user)["AccessKey"]
    sts = aws_clients.client("sts", endpoint, credentials={
        "aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]})
    code = code_at(seed, step)
    sts.get_session_token(SerialNumber=serial, TokenCode=code)
    for wrong in (code, "000000" if code != "000000" else "111111"):
        assert refused(sts.get_session_token, SerialNumber=serial, TokenCode=wrong).startswith(
            "403 AccessDenied: MultiFactorAuthentication failed with invalid MFA one time pass")
    assert "unable to validate MFA code" in refused(
        sts.get_session_token, SerialNumber=serial + "x", TokenCode=code)

    assert refused(iam.delete_virtual_mfa_device, SerialNumber=serial) == (
        "409 DeleteConflict: MFA VirtualDevice in use. Must deactivate first.")
    iam.deactivate_mfa_device(UserName=user, SerialNumber=serial)
    iam.tag_mfa_device(SerialNumber=serial, Tags=[{"Key": "a", "Value": "1"}])
    assert iam.list_mfa_device_tags(SerialNumber=serial)["Tags"] == [{"Key": "a", "Value": "1"}]
    iam.delete_virtual_mfa_device(SerialNumber=serial)
    assert refused(iam.delete_virtual_mfa_device, SerialNumber=serial) == (
        f"404 NoSuchEntity: VirtualMFADevice with serial number {serial} does not exist.")


def test_a_saml_provider_is_what_its_metadata_say(iam, name):
    assert refused(iam.create_saml_provider, Name=name, SAMLMetadataDocument="x" * 1000) == (
        "400 InvalidInput: Could not parse metadata")
    arn = iam.create_saml_provider(Name=name, SAMLMetadataDocument=METADATA)["SAMLProviderArn"]
    assert arn.endswith(f":saml-provider/{name}")
    got = iam.get_saml_provider(SAMLProviderArn=arn)
    assert got["SAMLMetadataDocument"] == METADATA
    assert got["ValidUntil"] == datetime.datetime(2031, 2, 3, 4, 5, 6,
                                                  tzinfo=datetime.timezone.utc)
    assert arn in [each["Arn"] for each in iam.list_saml_providers()["SAMLProviderList"]]
    iam.delete_saml_provider(SAMLProviderArn=arn)
    assert refused(iam.get_saml_provider, SAMLProviderArn=arn) == (
        f"404 NoSuchEntity: Manifest not found for arn {arn}")


def test_an_openid_provider_has_clients_and_thumbprints(iam, name):
    url = f"https://{name}.example/realm"
    made = iam.create_open_id_connect_provider(
        Url=url, ClientIDList=["films"], ThumbprintList=["a" * 40])
    arn = made["OpenIDConnectProviderArn"]
    assert arn.endswith(f":oidc-provider/{name}.example/realm")
    assert refused(iam.create_open_id_connect_provider, Url=url) == (
        f"409 EntityAlreadyExists: Provider with url {url} already exists.")
    assert refused(iam.create_open_id_connect_provider, Url="http://x.example") == (
        "400 ValidationError: Invalid Open ID Connect Provider URL")
    for _ in range(2):
        iam.add_client_id_to_open_id_connect_provider(OpenIDConnectProviderArn=arn, ClientID="tv")
    iam.remove_client_id_from_open_id_connect_provider(OpenIDConnectProviderArn=arn,
                                                       ClientID="films")
    iam.update_open_id_connect_provider_thumbprint(OpenIDConnectProviderArn=arn,
                                                   ThumbprintList=["b" * 40])
    got = iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)
    assert got["Url"] == f"{name}.example/realm"
    assert (got["ClientIDList"], got["ThumbprintList"], got["Tags"]) == (["tv"], ["b" * 40], [])
    for _ in range(2):
        iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=arn)
    assert refused(iam.get_open_id_connect_provider, OpenIDConnectProviderArn=arn) == (
        f"404 NoSuchEntity: OpenIDConnect Provider not found for arn {arn}")


def test_a_server_certificate_comes_with_its_own_key(iam, name, tmp_path):
    body, key = certificate(tmp_path)
    other = tmp_path / "other"
    other.mkdir()
    _, other_key = certificate(other)
    upload = {"ServerCertificateName": name, "CertificateBody": body}
    assert refused(iam.upload_server_certificate, PrivateKey=other_key, **upload).startswith(
        "400 KeyPairMismatch: ")
    assert refused(iam.upload_server_certificate, ServerCertificateName=name, PrivateKey=key,
                   CertificateBody="none").startswith("400 MalformedCertificate: ")
    made = iam.upload_server_certificate(PrivateKey=key, Path="/web/", **upload)
    assert made["ServerCertificateMetadata"]["ServerCertificateId"].startswith("ASCA")
    got = iam.get_server_certificate(ServerCertificateName=name)["ServerCertificate"]
    assert set(got) == {"CertificateBody", "ServerCertificateMetadata", "Tags"}
    assert got["CertificateBody"].strip() == body.strip()
    left = got["ServerCertificateMetadata"]["Expiration"] - datetime.datetime.now(
        datetime.timezone.utc)
    assert 28 <= left.days <= 30
    iam.update_server_certificate(ServerCertificateName=name, NewServerCertificateName=name + "2",
                                  NewPath="/")
    assert refused(iam.get_server_certificate, ServerCertificateName=name) == (
        f"404 NoSuchEntity: The Server Certificate with name {name} cannot be found.")
    iam.delete_server_certificate(ServerCertificateName=name + "2")


def test_a_user_has_two_signing_certificates_at_most(iam, user, tmp_path):
    bodies = []
    for each in range(3):
        folder = tmp_path / str(each)
        folder.mkdir()
        bodies.append(certificate(folder)[0])
    ids = [iam.upload_signing_certificate(UserName=user, CertificateBody=body)["Certificate"][
        "CertificateId"] for body in bodies[:2]]
    assert refused(iam.upload_signing_certificate, UserName=user, CertificateBody=bodies[0]
                   ).startswith("409 DuplicateCertificate: ")
    assert refused(iam.upload_signing_certificate, UserName=user, CertificateBody=bodies[2]) == (
        "409 LimitExceeded: Cannot exceed quota for CertificatesPerUser: 2")
    iam.update_signing_certificate(UserName=user, CertificateId=ids[0], Status="Inactive")
    listed = iam.list_signing_certificates(UserName=user)["Certificates"]
    assert {each["CertificateId"]: each["Status"] for each in listed} == {
        ids[0]: "Inactive", ids[1]: "Active"}
    for each in ids:
        iam.delete_signing_certificate(UserName=user, CertificateId=each)
    iam.delete_user(UserName=user)


def test_an_ssh_key_can_be_had_in_both_forms(iam, user, tmp_path):
    _, key = certificate(tmp_path)
    pem = subprocess.run(["openssl", "rsa", "-pubout"], input=key.encode(), check=True,
                         capture_output=True).stdout.decode()
    uploaded = iam.upload_ssh_public_key(UserName=user, SSHPublicKeyBody=pem)["SSHPublicKey"]
    assert uploaded["SSHPublicKeyId"].startswith("APKA")
    assert uploaded["SSHPublicKeyBody"].startswith("ssh-rsa AAAA")
    wire = base64.b64decode(uploaded["SSHPublicKeyBody"].split()[1])
    digits = hashlib.md5(wire).hexdigest()
    assert uploaded["Fingerprint"] == ":".join(
        digits[place:place + 2] for place in range(0, 32, 2))
    one = {"UserName": user, "SSHPublicKeyId": uploaded["SSHPublicKeyId"]}
    assert iam.get_ssh_public_key(Encoding="PEM", **one)["SSHPublicKey"][
        "SSHPublicKeyBody"].strip() == pem.strip()
    assert refused(iam.upload_ssh_public_key, UserName=user, SSHPublicKeyBody=pem).startswith(
        "400 DuplicateSSHPublicKey: ")
    assert refused(iam.upload_ssh_public_key, UserName=user, SSHPublicKeyBody="what").startswith(
        "400 UnrecognizedPublicKeyEncoding: ")
    assert refused(iam.delete_user, UserName=user) == (
        "409 DeleteConflict: Cannot delete entity, must remove referenced objects first.")
    iam.update_ssh_public_key(Status="Inactive", **one)
    [listed] = iam.list_ssh_public_keys(UserName=user)["SSHPublicKeys"]
    assert listed["Status"] == "Inactive"
    iam.delete_ssh_public_key(**one)
    iam.delete_user(UserName=user)


def test_credentials_of_a_service_keep_their_id_and_status_when_reset(iam, user):
    service = "codecommit.amazonaws.com"
    assert refused(iam.create_service_specific_credential, UserName="nobody-here",
                   ServiceName="none.amazonaws.com") == (
                       "404 NoSuchEntity: The user with name nobody-here cannot be found.")
    assert refused(iam.create_service_specific_credential, UserName=user,
                   ServiceName="none.amazonaws.com") == (
                       "404 NoSuchEntity: No such service none.amazonaws.com is supported for "
                       "Service Specific Credentials")
    made = iam.create_service_specific_credential(
        UserName=user, ServiceName=service)["ServiceSpecificCredential"]
    assert set(made) == {"CreateDate", "ServiceName", "ServicePassword", "ServiceUserName",
                         "ServiceSpecificCredentialId", "Status", "UserName"}
    assert made["ServiceUserName"].startswith(f"{user}-at-")
    one = {"UserName": user, "ServiceSpecificCredentialId": made["ServiceSpecificCredentialId"]}
    assert refused(iam.update_service_specific_credential, Status="x", **one) == (
        "400 ValidationError: 1 validation error detected: Value at 'status' failed to satisfy "
        "constraint: Member must satisfy enum value set")
    iam.update_service_specific_credential(Status="Inactive", **one)
    reset = iam.reset_service_specific_credential(**one)["ServiceSpecificCredential"]
    assert reset["Status"] == "Inactive"
    assert reset["ServicePassword"] != made["ServicePassword"]
    listed = iam.list_service_specific_credentials(UserName=user)
    assert "IsTruncated" not in listed
    assert "ServicePassword" not in listed["ServiceSpecificCredentials"][0]
    assert iam.list_service_specific_credentials(
        UserName=user, ServiceName="cassandra.amazonaws.com")["ServiceSpecificCredentials"] == []
    iam.delete_service_specific_credential(**one)


def test_the_credential_report_has_a_line_a_user(endpoint):
    credentials = {"aws_access_key_id": "888899990000", "aws_secret_access_key": "x"}
    iam = aws_clients.client("iam", endpoint, credentials=credentials)
    assert refused(iam.get_credential_report).startswith("410 ReportNotPresent: ")
    iam.create_user(UserName="ann")
    iam.create_access_key(UserName="ann")
    assert iam.generate_credential_report()["State"] == "STARTED"
    assert iam.generate_credential_report()["State"] == "COMPLETE"
    report = iam.get_credential_report()
    assert report["ReportFormat"] == "text/csv"
    root, ann = csv.DictReader(io.StringIO(report["Content"].decode()))
    assert root["user"] == "<root_account>"
    assert (ann["user"], ann["password_enabled"], ann["access_key_1_active"],
            ann["access_key_2_active"]) == ("ann", "false", "true", "false")


def test_what_a_user_has_called_last_is_told_by_service(iam, endpoint, user):
    arn = iam.get_user(UserName=user)["User"]["Arn"]
    key = iam.create_access_key(UserName=user)["AccessKey"]
    aws_clients.client("sqs", endpoint, credentials={
        "aws_access_key_id": key["AccessKeyId"],
        "aws_secret_access_key": key["SecretAccessKey"]}).list_queues()
    last = iam.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])["AccessKeyLastUsed"]
    assert (last["ServiceName"], last["Region"]) == ("sqs", "us-east-1")
    job = iam.generate_service_last_accessed_details(Arn=arn)["JobId"]
    details = iam.get_service_last_accessed_details(JobId=job)
    assert details["JobStatus"] == "COMPLETED"
    [used] = [each for each in details["ServicesLastAccessed"] if "LastAuthenticated" in each]
    assert (used["ServiceNamespace"], used["LastAuthenticatedEntity"]) == ("sqs", arn)
    entities = iam.get_service_last_accessed_details_with_entities(
        JobId=job, ServiceNamespace="sqs")["EntityDetailsList"]
    assert [each["EntityInfo"]["Name"] for each in entities] == [user]
