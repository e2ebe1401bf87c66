"""A gateway for trading that does as a test tells it, written with the vendor's own messages.

It knows one login with a real account and two simulated ones. It shares nothing with the bridge but the published
protocol: packets are built here, and messages are those of futu-api.
"""

import hashlib
import socket
import struct
import threading
import time

import vendor_client  # noqa: F401  (it keeps the vendor's log out of the user's home)
from futu.common.pb import (
    GetGlobalState_pb2, InitConnect_pb2, KeepAlive_pb2, Qot_GetSecuritySnapshot_pb2, Qot_GetStaticInfo_pb2,
    Trd_GetAccList_pb2, Trd_GetFunds_pb2,
    Trd_GetHistoryOrderFillList_pb2, Trd_GetHistoryOrderList_pb2, Trd_GetMaxTrdQtys_pb2, Trd_GetOrderFee_pb2,
    Trd_GetOrderFillList_pb2, Trd_GetOrderList_pb2, Trd_GetPositionList_pb2, Trd_ModifyOrder_pb2, Trd_PlaceOrder_pb2,
    Trd_SubAccPush_pb2, Trd_UnlockTrade_pb2, Trd_UpdateOrder_pb2, Trd_UpdateOrderFill_pb2,
)

MESSAGES = {
    1001: InitConnect_pb2, 1002: GetGlobalState_pb2, 1004: KeepAlive_pb2, 2001: Trd_GetAccList_pb2,
    2005: Trd_UnlockTrade_pb2, 2008: Trd_SubAccPush_pb2, 2101: Trd_GetFunds_pb2, 2102: Trd_GetPositionList_pb2,
    2111: Trd_GetMaxTrdQtys_pb2, 2201: Trd_GetOrderList_pb2, 2202: Trd_PlaceOrder_pb2, 2205: Trd_ModifyOrder_pb2,
    2211: Trd_GetOrderFillList_pb2, 2221: Trd_GetHistoryOrderList_pb2, 2222: Trd_GetHistoryOrderFillList_pb2,
    2225: Trd_GetOrderFee_pb2, 3202: Qot_GetStaticInfo_pb2, 3203: Qot_GetSecuritySnapshot_pb2,
}
REAL, PAPER_HK, PAPER_US = 281756478396547854, 3450310, 3450311
SUBMITTING, SUBMITTED, PART, FILLED, CANCELLING, CANCELLED = 2, 5, 10, 11, 13, 15
SECURITY_MARKETS = {1: 1, 2: 2}
PASSWORD = hashlib.md5(b"123456").hexdigest()


def complete(message):
    """Gives every required field that is missing a zero."""
    for field in message.DESCRIPTOR.fields:
        if field.is_required and not message.HasField(field.name):
            if field.message_type:
                complete(getattr(message, field.name))
            else:
                setattr(message, field.name, "" if field.type == field.TYPE_STRING else 0)


class Drop(Exception):
    """The connection ends here, without an answer."""


class Silence(Exception):
    """No answer, and the connection stays."""


class Refusal(Exception):
    """retType -1."""

    def __init__(self, message, code=0):
        super().__init__(message)
        self.message, self.code = message, code


class Gateway:
    def __init__(self):
        self.lock = threading.RLock()
        self.orders, self.fills = [], []
        self.clients, self.requests = [], []
        self.unlocked, self.password = False, PASSWORD
        # What a test changes.
        self.before_place = self.after_place = None  # called with the request, or with the order; may raise
        self.pushes = lambda message: [message]  # what becomes of a push: none, one, several
        self.listing = True  # whether lists show orders
        self.numbers = iter(range(1, 1_000_000))
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self.socket.close()
        self.drop()

    def drop(self):
        """Drops every connection."""
        for client in list(self.clients):
            client.drop()

    def sent(self, protocol):
        with self.lock:
            return [request for number, request in self.requests if number == protocol]

    def _accept(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            client = Client(self, connection, 7_000_000_000 + len(self.clients))
            self.clients.append(client)
            threading.Thread(target=client.run, daemon=True).start()

    # Orders

    def find(self, number):
        return next((order for order in self.orders if order.orderIDEx == number), None)

    def change(self, number, status, filled=None, push=True):
        """Moves an order on, and tells of it."""
        with self.lock:
            order = self.find(number)
            order.orderStatus = status
            order.updateTimestamp = time.time()
            order.updateTime = "2026-03-03 10:00:00"
            fill = None
            if filled is not None:
                fill = self._fill(order, filled - order.fillQty)
                order.fillQty, order.fillAvgPrice = filled, order.price
            if push:
                self.tell(order)
                if fill is not None:
                    self.tell_fill(fill)

    def _fill(self, order, quantity):
        fill = Trd_GetOrderFillList_pb2.S2C().orderFillList.add()
        fill.trdSide, fill.fillID, fill.fillIDEx = order.trdSide, next(self.numbers), f"F{next(self.numbers)}"
        fill.orderIDEx, fill.code, fill.name = order.orderIDEx, order.code, order.name
        fill.qty, fill.price, fill.secMarket, fill.status = quantity, order.price, order.secMarket, 0
        fill.createTime, fill.createTimestamp = "2026-03-03 10:00:00", time.time()
        self.fills.append(fill)
        return fill

    def tell(self, order):
        push = Trd_UpdateOrder_pb2.Response()
        push.retType = 0
        self._header(push.s2c.header)
        push.s2c.order.CopyFrom(order)
        self._push(2208, push)

    def tell_fill(self, fill):
        push = Trd_UpdateOrderFill_pb2.Response()
        push.retType = 0
        self._header(push.s2c.header)
        push.s2c.orderFill.CopyFrom(fill)
        self._push(2218, push)

    def _push(self, protocol, message):
        for copy in self.pushes(message):
            for client in list(self.clients):
                if client.registered:
                    client.send(protocol, 0, copy.SerializeToString())

    @staticmethod
    def _header(header):
        header.trdEnv, header.accID, header.trdMarket = 1, REAL, 1

    # Requests

    def answer(self, protocol, request, reply, client):
        asked, said = request.c2s, reply.s2c
        with self.lock:
            self.requests.append((protocol, asked))
            handler = getattr(self, f"_{protocol}", None)
            if handler is None:
                raise Refusal("unknown protocol id")
            if 2008 < protocol < 3000:
                said.header.CopyFrom(asked.header)
                if asked.header.accID not in (REAL, PAPER_HK, PAPER_US):
                    raise Refusal("unknown account")
            return handler(asked, said, client)

    def _1001(self, asked, said, client):
        said.serverVer, said.loginUserID, said.connID = 1011, 888, client.number
        said.connAESKey, said.keepAliveInterval = "8B2F0C4D6E1A3957", 10

    def _1002(self, asked, said, client):
        for name in ("marketHK", "marketUS", "marketSH", "marketSZ", "marketHKFuture"):
            setattr(said, name, 3)
        said.qotLogined, said.trdLogined, said.serverVer, said.serverBuildNo = True, True, 1011, 7108
        said.time = int(time.time())

    def _1004(self, asked, said, client):
        said.time = int(time.time())

    def _2001(self, asked, said, client):
        for identifier, environment, markets in ((REAL, 1, (1, 2, 4)), (PAPER_HK, 0, (1,)), (PAPER_US, 0, (2,))):
            account = said.accList.add()
            account.trdEnv, account.accID, account.accType, account.accStatus = environment, identifier, 2, 0
            account.trdMarketAuthList.extend(markets)
            if environment:
                account.securityFirm, account.cardNum = 1, "1001200163530138"
            else:
                account.simAccType = 1

    def _3202(self, asked, said, client):
        for security in asked.securityList:
            basic = said.staticInfoList.add().basic
            basic.security.CopyFrom(security)
            basic.lotSize, basic.secType, basic.name, basic.listTime = 100, 3, "Tencent", "2004-06-16"
            complete(basic)

    def _3203(self, asked, said, client):
        for security in asked.securityList:
            basic = said.snapshotList.add().basic
            basic.security.CopyFrom(security)
            basic.lotSize, basic.type, basic.curPrice, basic.priceSpread = 100, 3, 580, 0.2
            complete(basic)

    def _2005(self, asked, said, client):
        if asked.pwdMD5 != self.password:
            raise Refusal("wrong trade password")
        self.unlocked = asked.unlock

    def _2008(self, asked, said, client):
        client.registered = set(asked.accIDList)

    def _2101(self, asked, said, client):
        funds = said.funds
        funds.power, funds.totalAssets, funds.cash, funds.marketVal = 100000.1 + 0.2, 250000.5, 50000, 200000
        funds.frozenCash, funds.debtCash, funds.avlWithdrawalCash = 0, 0, 40000
        funds.currency = asked.currency

    def _2102(self, asked, said, client):
        held = said.positionList.add()
        held.positionID, held.positionSide, held.code, held.name = 1, 0, "00700", "Tencent"
        held.qty, held.canSellQty, held.price, held.val, held.plVal = 200, 200, 605.5, 121100, 12.5
        held.secMarket, held.currency, held.averageCostPrice = 1, 1, 605.4375

    def _2111(self, asked, said, client):
        said.maxTrdQtys.maxCashBuy, said.maxTrdQtys.maxPositionSell = 100, 200
        said.maxTrdQtys.maxCashAndMarginBuy = 300

    def _2201(self, asked, said, client):
        wanted = set(asked.filterConditions.orderIDExList)
        for order in self.orders if self.listing else []:
            if not wanted or order.orderIDEx in wanted:
                said.orderList.add().CopyFrom(order)

    def _2221(self, asked, said, client):
        assert asked.filterConditions.beginTime and asked.filterConditions.endTime

    def _2222(self, asked, said, client):
        assert asked.filterConditions.beginTime and asked.filterConditions.endTime

    def _2211(self, asked, said, client):
        for fill in self.fills:
            said.orderFillList.add().CopyFrom(fill)

    def _2225(self, asked, said, client):
        for number in asked.orderIdExList:
            fee = said.orderFeeList.add()
            fee.orderIDEx, fee.feeAmount = number, 15.5
            item = fee.feeList.add()
            item.title, item.value = "Platform Fee", 15.5

    def _guard(self, asked, client):
        if asked.packetID.connID != client.number or asked.packetID.serialNo <= client.packet:
            raise Silence
        client.packet = asked.packetID.serialNo
        if asked.header.trdEnv == 1 and not self.unlocked:
            raise Refusal("trade is locked, unlock it first")

    def _2202(self, asked, said, client):
        self._guard(asked, client)
        if self.before_place:
            self.before_place(asked)
        assert len(asked.remark.encode()) <= 64
        order = Trd_GetOrderList_pb2.S2C().orderList.add()
        number = next(self.numbers)
        order.trdSide, order.orderType, order.orderStatus = asked.trdSide, asked.orderType, SUBMITTED
        order.orderID, order.orderIDEx = 8_800_000_000_000_000_000 + number, f"DC4F{number:012d}"
        order.code, order.name, order.qty, order.price = asked.code, "Tencent", asked.qty, asked.price
        order.createTime = order.updateTime = "2026-03-03 10:00:00"
        order.createTimestamp = order.updateTimestamp = time.time()
        order.fillQty, order.fillAvgPrice, order.secMarket = 0, 0, asked.secMarket
        order.remark, order.timeInForce, order.currency, order.trdMarket = asked.remark, asked.timeInForce, 1, 1
        for name in ("auxPrice", "trailType", "trailValue", "trailSpread", "session", "expireTime"):
            if asked.HasField(name):
                setattr(order, name, getattr(asked, name))
        self.orders.append(order)
        if self.after_place:
            self.after_place(order)
        said.orderID, said.orderIDEx = order.orderID, order.orderIDEx
        client.later = lambda: self.tell(order)

    def _2205(self, asked, said, client):
        self._guard(asked, client)
        order = self.find(asked.orderIDEx)
        if order is None or order.orderStatus in (FILLED, CANCELLED):
            raise Refusal("the order cannot be changed")
        said.orderID, said.orderIDEx = order.orderID, order.orderIDEx
        if asked.modifyOrderOp == 2:
            client.later = lambda: (
                self.change(order.orderIDEx, CANCELLING), self.change(order.orderIDEx, CANCELLED))
        else:
            order.qty, order.price = asked.qty, asked.price
            client.later = lambda: self.change(order.orderIDEx, order.orderStatus)


class Client:
    """One connection."""

    def __init__(self, gateway, connection, number):
        self.gateway, self.connection, self.number = gateway, connection, number
        self.registered, self.packet, self.later = set(), 0, None
        self.writing = threading.Lock()

    def drop(self):
        self.registered = set()
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def send(self, protocol, serial, body):
        head = b"FT" + struct.pack("<IBBII", protocol, 0, 0, serial, len(body)) + hashlib.sha1(body).digest() + bytes(8)
        with self.writing:
            try:
                self.connection.sendall(head + body)
            except OSError:
                pass

    def run(self):
        stream = self.connection.makefile("rb")
        try:
            while len(head := stream.read(44)) == 44:
                assert head[:2] == b"FT"
                protocol, _, _, serial, length = struct.unpack("<IBBII", head[2:16])
                body = stream.read(length)
                assert hashlib.sha1(body).digest() == head[16:36]
                self.answer(protocol, serial, body)
        except (Drop, OSError):
            pass
        finally:
            self.drop()
            self.connection.close()

    def answer(self, protocol, serial, body):
        reply = None
        try:
            messages = MESSAGES.get(protocol, KeepAlive_pb2)
            reply = messages.Response()
            reply.retType, reply.errCode = 0, 0
            if protocol not in MESSAGES:
                raise Refusal("unknown protocol id")
            request = messages.Request()
            request.ParseFromString(body)
            reply.s2c.SetInParent()
            self.gateway.answer(protocol, request, reply, self)
        except Refusal as refusal:
            reply = messages.Response()
            reply.retType, reply.retMsg, reply.errCode = -1, refusal.message, refusal.code
        except Silence:
            return
        self.send(protocol, serial, reply.SerializeToString())
        later, self.later = self.later, None
        if later:
            later()
