"""OpenD's packets by hand, with the vendor's own messages: for what its client does not do."""

import hashlib
import importlib
import json
import socket
import struct

from Crypto.Cipher import AES, PKCS1_v1_5
from Crypto.PublicKey import RSA
from google.protobuf import json_format

HEADER = struct.Struct("<2sIBBIi20s8s")
PLAIN, TAILED, CODEBOOK, CHAINED = -1, 0, 1, 2


def messages(name):
    """The module of a message, say `InitConnect`."""
    import vendor_client  # noqa: F401  (it sees to where the client writes its log)

    return importlib.import_module(f"futu.common.pb.{name}_pb2")


def header(protocol, body, plain, serial=1, form=0, version=0, flag=b"FT", length=None):
    length = len(body) if length is None else length
    digest = hashlib.sha1(plain).digest()
    return HEADER.pack(flag, protocol, form, version, serial, length, digest, bytes(8))


def pad(text):
    return text + bytes([16 - len(text) % 16]) * (16 - len(text) % 16)


class Wire:
    """One connection: requests and pushes as they come, nothing done behind one's back."""

    def __init__(self, gateway, encrypted=False, form=0, timeout=10):
        port = gateway.address["encrypted_port"] if encrypted else gateway.port
        self.socket = socket.create_connection((gateway.host, port), timeout=timeout)
        self.form, self.serial, self.pushes, self.replies = form, 0, [], []
        self.key = RSA.import_key(gateway.address["rsa_private_key"]) if encrypted else None
        self.algorithm, self.aes, self.vector = PLAIN, None, None
        self.sealed = encrypted

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    # Ciphers, written from the vendor's documents.

    def encrypt(self, plain):
        if self.sealed:
            cipher = PKCS1_v1_5.new(self.key.public_key())
            return b"".join(cipher.encrypt(plain[at:at + 100]) for at in range(0, len(plain), 100))
        if self.algorithm == PLAIN:
            return plain
        if self.algorithm == CHAINED:
            return AES.new(self.aes, AES.MODE_CBC, self.vector).encrypt(pad(plain))
        cipher = AES.new(self.aes, AES.MODE_ECB)
        if self.algorithm == CODEBOOK:
            return cipher.encrypt(pad(plain))
        tail = len(plain) % 16
        filled = plain + bytes(16 - tail if tail else 0)
        return cipher.encrypt(filled) + bytes(15) + bytes([tail])

    def decrypt(self, text):
        if self.sealed:
            cipher = PKCS1_v1_5.new(self.key)
            return b"".join(cipher.decrypt(text[at:at + 128], None) for at in range(0, len(text), 128))
        if self.algorithm == PLAIN:
            return text
        if self.algorithm == CHAINED:
            plain = AES.new(self.aes, AES.MODE_CBC, self.vector).decrypt(text)
            return plain[:-plain[-1]]
        cipher = AES.new(self.aes, AES.MODE_ECB)
        if self.algorithm == CODEBOOK:
            plain = cipher.decrypt(text)
            return plain[:-plain[-1]]
        tail, plain = text[-1], cipher.decrypt(text[:-16])
        return plain[:len(plain) - 16 + tail] if tail else plain

    # Packets.

    def send_raw(self, data):
        self.socket.sendall(data)

    def packet(self, protocol, request, serial=None):
        if serial is None:
            self.serial += 1
            serial = self.serial
        plain = request if isinstance(request, bytes) else self.encode(request)
        body = self.encrypt(plain)
        return header(protocol, body, plain, serial, self.form) + body

    def encode(self, request):
        if self.form == 0:
            return request.SerializeToString()
        return json_format.MessageToJson(request).encode()

    def send(self, protocol, request):
        self.send_raw(self.packet(protocol, request))
        return self.serial

    def read(self, count):
        data = b""
        while len(data) < count:
            part = self.socket.recv(count - len(data))
            if not part:
                raise EOFError
            data += part
        return data

    def receive(self):
        """Protocol, serial number and plain body of the next packet; what is wrong with it fails."""
        flag, protocol, form, version, serial, length, digest, _ = HEADER.unpack(self.read(HEADER.size))
        assert flag == b"FT" and version == 0 and 0 < length < 1 << 24, (flag, version, length)
        plain = self.decrypt(self.read(length))
        assert hashlib.sha1(plain).digest() == digest
        return protocol, serial, form, plain

    def response(self, name, form, plain):
        answer = messages(name).Response()
        if form == 0:
            answer.ParseFromString(plain)
        else:
            json_format.Parse(plain.decode(), answer)
        return answer

    def call(self, protocol, name, request):
        """The reply; pushes that come before it are kept."""
        serial = self.send(protocol, request)
        while True:
            got, number, form, plain = self.receive()
            if (got, number) == (protocol, serial):
                assert form == self.form
                return self.response(name, form, plain)
            self.pushes.append((got, number, form, plain))

    def next_push(self, *protocols):
        while True:
            for index, push in enumerate(self.pushes):
                if not protocols or push[0] in protocols:
                    return self.pushes.pop(index)
            self.pushes.append(self.receive())

    def is_closed(self):
        """Whether the other side ends the connection, and says nothing before."""
        try:
            return self.socket.recv(1) == b""
        except ConnectionError:
            return True

    # Requests.

    def initialize(self, algorithm=PLAIN, notices=False):
        request = messages("InitConnect").Request()
        request.c2s.clientVer, request.c2s.clientID, request.c2s.recvNotify = 300, "wire", notices
        request.c2s.packetEncAlgo, request.c2s.pushProtoFmt = algorithm, self.form
        answer = self.call(1001, "InitConnect", request)
        if answer.retType == 0 and self.sealed:
            self.sealed, self.algorithm = False, algorithm
            self.aes, self.vector = answer.s2c.connAESKey.encode(), answer.s2c.aesCBCiv.encode()
        self.id = answer.s2c.connID
        return answer

    def keep_alive(self):
        request = messages("KeepAlive").Request()
        request.c2s.time = 1
        return self.call(1004, "KeepAlive", request)

    def state(self):
        request = messages("GetGlobalState").Request()
        request.c2s.userID = 0
        return self.call(1002, "GetGlobalState", request)

    def subscribe(self, codes=("00700",), types=(4,), market=1, first=True):
        request = messages("Qot_Sub").Request()
        for code in codes:
            security = request.c2s.securityList.add()
            security.market, security.code = market, code
        request.c2s.subTypeList.extend(types)
        request.c2s.isSubOrUnSub = request.c2s.isRegOrUnRegPush = True
        request.c2s.isFirstPush = first
        return self.call(3001, "Qot_Sub", request)

    def accounts(self):
        request = messages("Trd_GetAccList").Request()
        request.c2s.userID, request.c2s.needGeneralSecAccount = 0, True
        return self.call(2001, "Trd_GetAccList", request).s2c.accList

    def follow(self, *accounts):
        request = messages("Trd_SubAccPush").Request()
        request.c2s.accIDList.extend(accounts)
        return self.call(2008, "Trd_SubAccPush", request)

    def order(self, account, number, price=300.0):
        """A resting order of a paper account, not yet sent."""
        request = messages("Trd_PlaceOrder").Request()
        c2s = request.c2s
        c2s.packetID.connID, c2s.packetID.serialNo = self.id, number
        c2s.header.trdEnv, c2s.header.accID, c2s.header.trdMarket = 0, account, 1
        c2s.trdSide, c2s.orderType, c2s.code, c2s.qty, c2s.price, c2s.secMarket = 1, 1, "00700", 100, price, 1
        return request

    def orders(self, account):
        request = messages("Trd_GetOrderList").Request()
        request.c2s.header.trdEnv, request.c2s.header.accID, request.c2s.header.trdMarket = 0, account, 1
        return self.call(2201, "Trd_GetOrderList", request).s2c.orderList


def as_json(plain):
    return json.loads(plain.decode())
