// modules: Clocks Bytes HTTPWire
import HTTPWire

// The reader of answers must not trap, must use no more bytes than it was given, and must find in a longer input what it
// found in the shorter one.

/// libFuzzer's entry.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    guard let whole = try? HTTPResponseHead.read(bytes, maximumBytes: 256) else { return 0 }
    precondition(whole.count <= bytes.count && (100...599).contains(whole.head.status))
    guard let least = try? HTTPResponseHead.read(Array(bytes[..<whole.count]), maximumBytes: 256) else {
        preconditionFailure("found only with the bytes behind it")
    }
    precondition(least.head == whole.head && least.count == whole.count)
    let cut = try? HTTPResponseHead.read(Array(bytes[..<(whole.count - 1)]), maximumBytes: 256)
    precondition(cut == nil, "found without its last byte")
    return 0
}
