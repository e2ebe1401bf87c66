// modules: Bytes Clocks BrokerModel
// files: Sources/Bridge/Orders/OrderRecord.swift Sources/Bridge/Orders/OrderRecord+Attached.swift
import BrokerModel
import Clocks

// What the database keeps of an order must not trap, whatever a disk or a person made of it; an order that was read is
// kept and read again as the same order.

/// libFuzzer's entry.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let text = String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    let id = OrderID(at: WallTime(seconds: 1_770_000_000), random: 7).text
    guard var order = OrderRecord.decode(id: id, account: "main", text) else { return 0 }
    let again = OrderRecord.decode(id: id, account: "main", OrderRecord.encode(order))
    precondition(again == order, "an order that was read is another when kept and read again")
    // It lives on: what happens to it next must find it as sound as one that was placed here.
    _ = order.accepted(brokerOrderID: "701276261045858304", at: WallTime(seconds: 1_770_000_001))
    _ = order.began(.cancel, at: WallTime(seconds: 1_770_000_002))
    _ = order.requestLost(at: WallTime(seconds: 1_770_000_003))
    return 0
}
