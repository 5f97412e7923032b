"""Signatures and key material of KMS, held against another library."""

import os
import uuid

import kms_keys
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, keywrap, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, utils
from kms_keys import fault_of, make_key

HASHES = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}


@pytest.fixture(scope="module")
def kms(endpoint):
    return kms_keys.client(endpoint)


def public_key(kms, key):
    return serialization.load_der_public_key(kms.get_public_key(KeyId=key["KeyId"])["PublicKey"])


def verify(public, algorithm, signature, message):
    hash_function = HASHES[algorithm[-3:]]
    if algorithm.startswith("ECDSA"):
        public.verify(signature, message, ec.ECDSA(hash_function))
    elif "PSS" in algorithm:
        scheme = padding.PSS(padding.MGF1(hash_function), hash_function.digest_size)
        public.verify(signature, message, scheme, hash_function)
    elif algorithm.startswith("ED25519"):
        public.verify(signature, message)
    else:
        public.verify(signature, message, padding.PKCS1v15(), hash_function)


@pytest.mark.parametrize("spec", ["RSA_2048", "RSA_3072", "RSA_4096", "ECC_NIST_P256",
                                  "ECC_NIST_P384", "ECC_NIST_P521", "ECC_SECG_P256K1",
                                  "ECC_NIST_EDWARDS25519"])
def test_signatures_verify_elsewhere(kms, spec):
    key = make_key(kms, KeySpec=spec, KeyUsage="SIGN_VERIFY")
    public = public_key(kms, key)
    for algorithm in key["SigningAlgorithms"]:
        if algorithm == "ED25519_PH_SHA_512":
            continue
        signed = kms.sign(KeyId=key["KeyId"], Message=b"message", SigningAlgorithm=algorithm)
        verify(public, algorithm, signed["Signature"], b"message")
        with pytest.raises(InvalidSignature):
            verify(public, algorithm, signed["Signature"], b"another")
        assert kms.verify(KeyId=key["KeyId"], Message=b"message", SigningAlgorithm=algorithm,
                          Signature=signed["Signature"])["SignatureValid"] is True
        assert fault_of(kms.verify, KeyId=key["KeyId"], Message=b"another",
                        SigningAlgorithm=algorithm, Signature=signed["Signature"]) == (
            "KMSInvalidSignatureException", None)


def test_what_others_encrypt_for_an_rsa_key_is_decrypted(kms):
    key = make_key(kms, KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT")
    public = public_key(kms, key)
    for algorithm, hash_function in [("RSAES_OAEP_SHA_1", hashes.SHA1()),
                                     ("RSAES_OAEP_SHA_256", hashes.SHA256())]:
        blob = public.encrypt(b"x", padding.OAEP(padding.MGF1(hash_function), hash_function, None))
        opened = kms.decrypt(CiphertextBlob=blob, KeyId=key["KeyId"],
                             EncryptionAlgorithm=algorithm)
        assert opened["Plaintext"] == b"x"
        assert "KeyMaterialId" not in opened


def test_secrets_are_agreed_upon_with_others(kms):
    key = make_key(kms, KeySpec="ECC_NIST_P384", KeyUsage="KEY_AGREEMENT")
    assert key["KeyAgreementAlgorithms"] == ["ECDH"]
    own = ec.generate_private_key(ec.SECP384R1())
    told = own.public_key().public_bytes(serialization.Encoding.DER,
                                         serialization.PublicFormat.SubjectPublicKeyInfo)
    answer = kms.derive_shared_secret(KeyId=key["KeyId"], KeyAgreementAlgorithm="ECDH",
                                      PublicKey=told)
    assert answer["SharedSecret"] == own.exchange(ec.ECDH(), public_key(kms, key))
    assert answer["KeyOrigin"] == "AWS_KMS"


def wrap(parameters, algorithm, material):
    public = serialization.load_der_public_key(parameters["PublicKey"])
    if algorithm == "RSAES_PKCS1_V1_5":
        return public.encrypt(material, padding.PKCS1v15())
    hash_function = hashes.SHA1() if algorithm.endswith("SHA_1") else hashes.SHA256()
    oaep = padding.OAEP(padding.MGF1(hash_function), hash_function, None)
    if algorithm.startswith("RSAES_OAEP"):
        return public.encrypt(material, oaep)
    inner = os.urandom(32)
    return public.encrypt(inner, oaep) + keywrap.aes_key_wrap_with_padding(inner, material)


def bring(kms, key, algorithm, material, **settings):
    parameters = kms.get_parameters_for_import(KeyId=key["KeyId"], WrappingAlgorithm=algorithm,
                                               WrappingKeySpec="RSA_2048")
    settings.setdefault("ExpirationModel", "KEY_MATERIAL_DOES_NOT_EXPIRE")
    return kms.import_key_material(
        KeyId=key["KeyId"], ImportToken=parameters["ImportToken"],
        EncryptedKeyMaterial=wrap(parameters, algorithm, material), **settings)


@pytest.mark.parametrize("algorithm", [
    "RSAES_PKCS1_V1_5", "RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256", "RSA_AES_KEY_WRAP_SHA_1",
    "RSA_AES_KEY_WRAP_SHA_256"])
def test_material_is_imported_however_it_is_wrapped(kms, algorithm):
    key = make_key(kms, Origin="EXTERNAL")
    assert (key["KeyState"], key["Enabled"]) == ("PendingImport", False)
    assert "CurrentKeyMaterialId" not in key
    bring(kms, key, algorithm, os.urandom(32))
    found = kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
    assert (found["KeyState"], found["ExpirationModel"]) == (
        "Enabled", "KEY_MATERIAL_DOES_NOT_EXPIRE")
    blob = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")["CiphertextBlob"]
    kms.delete_imported_key_material(KeyId=key["KeyId"])
    assert fault_of(kms.decrypt, CiphertextBlob=blob) == (
        "KMSInvalidStateException", f"{key['Arn']} is pending import.")


def test_an_imported_pair_is_the_one_that_was_brought(kms):
    key = make_key(kms, Origin="EXTERNAL", KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    pair = ec.generate_private_key(ec.SECP256R1())
    material = pair.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8,
                                  serialization.NoEncryption())
    bring(kms, key, "RSA_AES_KEY_WRAP_SHA_256", material)
    signed = kms.sign(KeyId=key["KeyId"], Message=b"m", SigningAlgorithm="ECDSA_SHA_256")
    pair.public_key().verify(signed["Signature"], b"m", ec.ECDSA(hashes.SHA256()))
    digest = hashes.Hash(hashes.SHA256())
    digest.update(b"m")
    pair.public_key().verify(signed["Signature"], digest.finalize(),
                             ec.ECDSA(utils.Prehashed(hashes.SHA256())))


def test_a_ciphertext_that_names_a_key_for_other_things_is_refused(kms):
    mine = make_key(kms)["KeyId"]
    blob = kms.encrypt(KeyId=mine, Plaintext=b"hello")["CiphertextBlob"]
    material = kms.describe_key(KeyId=mine)["KeyMetadata"]["CurrentKeyMaterialId"]
    other = make_key(kms, KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC", Origin="EXTERNAL")
    brought = bring(kms, other, "RSAES_OAEP_SHA_256", os.urandom(32))["KeyMaterialId"]
    forged = blob.replace(uuid.UUID(mine).bytes, uuid.UUID(other["KeyId"]).bytes)
    forged = forged.replace(bytes.fromhex(material), bytes.fromhex(brought))
    assert forged != blob
    assert fault_of(kms.decrypt, CiphertextBlob=forged)[0] == "InvalidCiphertextException"
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"hello"


def test_material_that_is_not_what_it_should_be_is_refused(kms):
    key = make_key(kms, Origin="EXTERNAL")
    with pytest.raises(kms.exceptions.IncorrectKeyMaterialException):
        bring(kms, key, "RSAES_OAEP_SHA_256", os.urandom(31))
    own = make_key(kms)
    assert fault_of(kms.get_parameters_for_import, KeyId=own["KeyId"],
                    WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec="RSA_2048") == (
        "UnsupportedOperationException",
        f"{own['Arn']} origin is AWS_KMS which is not valid for this operation.")
