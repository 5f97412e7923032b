"""What a worker knows about its parameters and secrets, and of what it has encrypted."""

import uuid

from identity_model import States
from wire import Refused


class Parameters(States):
    """Parameters below a path of the worker's own; every other one is a secret."""

    def __init__(self, worker):
        super().__init__(f"parameters of {worker}")
        self.path = f"/worker-{worker}"

    def create(self, wire):
        pass

    def write(self, wire, name, state):
        full = f"{self.path}/{name}"
        if state is None:
            wire.call("ssm", "DeleteParameters", Names=[full])
            return
        kind = "SecureString" if name[-1] in "13579" else "String"
        wire.call("ssm", "PutParameter", Name=full, Value=state, Type=kind, Overwrite=True)

    def read(self, wire):
        found, more = {}, {}
        while True:
            page = wire.call("ssm", "GetParametersByPath", Path=self.path, WithDecryption=True,
                             **more)
            found.update({p["Name"].rsplit("/", 1)[1]: p["Value"] for p in page["Parameters"]})
            if not page.get("NextToken"):
                return found
            more = {"NextToken": page["NextToken"]}


class Secrets(States):
    """Secrets that are made, changed and removed at once."""

    def __init__(self, worker):
        super().__init__(f"secrets of {worker}")
        self.prefix = f"worker-{worker}-"

    def create(self, wire):
        pass

    def write(self, wire, name, state):
        full = self.prefix + name
        if state is None:
            wire.call("secretsmanager", "DeleteSecret", accept=(400,), SecretId=full,
                      ForceDeleteWithoutRecovery=True)
        elif self._value(wire, full) is None:
            wire.call("secretsmanager", "CreateSecret", Name=full, SecretString=state,
                      ClientRequestToken=str(uuid.uuid4()))
        else:
            wire.call("secretsmanager", "PutSecretValue", SecretId=full, SecretString=state,
                      ClientRequestToken=str(uuid.uuid4()))

    @staticmethod
    def _value(wire, full):
        answer = wire.call("secretsmanager", "GetSecretValue", accept=(400,), SecretId=full)
        if "SecretString" not in answer and "ResourceNotFound" not in answer.get("__type", ""):
            raise Refused(f"GetSecretValue {full}: {answer}")
        return answer.get("SecretString")

    def read(self, wire):
        values = {f"n{number}": self._value(wire, f"{self.prefix}n{number}") for number in range(8)}
        return {name: value for name, value in values.items() if value is not None}


class Ciphertexts:
    """What was encrypted, with keys of the worker's own; all of it can be decrypted for ever."""

    MOST = 40

    def __init__(self, worker):
        self.label = f"ciphertexts of {worker}"
        self.keys = []
        self.kept = []

    def step(self, wire, generator):
        """Makes a key, rotates one, or encrypts something. What was not acknowledged is forgotten:
        whether a key was made or not, nobody has its name."""
        if not self.keys or (len(self.keys) < 3 and generator.random() < 0.05):
            self.keys.append(wire.call("kms", "CreateKey")["KeyMetadata"]["KeyId"])
            return
        key = generator.choice(self.keys)
        if generator.random() < 0.05:
            wire.call("kms", "RotateKeyOnDemand", accept=(400,), KeyId=key)
            return
        text = f"{generator.randrange(10**12):012}"  # twelve digits are base64, too
        context = {"step": text[:3]}
        answer = wire.call("kms", "Encrypt", KeyId=key, Plaintext=text, EncryptionContext=context)
        self.kept.append((answer["CiphertextBlob"], text, context))
        if len(self.kept) > self.MOST:
            del self.kept[generator.randrange(len(self.kept))]

    def check(self, wire):
        """Yields what cannot be decrypted any more."""
        for blob, text, context in self.kept:
            answer = wire.call("kms", "Decrypt", accept=(400,), CiphertextBlob=blob,
                               EncryptionContext=context)
            if answer.get("Plaintext") != text:
                yield f"{self.label}: {text} comes back as {answer}"

    def count(self):
        return len(self.kept)
