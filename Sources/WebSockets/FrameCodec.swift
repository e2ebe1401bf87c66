internal import CWslay
internal import Cryptography

/// A part of a frame as it arrives; a frame without payload has one part with no bytes.
///
/// The fields before `bytes` are the frame's and equal in all its parts. `bytes` is unmasked and valid for the call.
struct FramePart {
    var isFinal: Bool
    var reservedBits: UInt8
    var opcode: UInt8
    var isMasked: Bool
    var length: UInt64
    var bytes: UnsafeBufferPointer<UInt8>
}

/// The opcodes of RFC 6455, section 5.2.
enum Opcode {
    static let continuation: UInt8 = 0x0
    static let text: UInt8 = 0x1
    static let binary: UInt8 = 0x2
    static let close: UInt8 = 0x8
    static let ping: UInt8 = 0x9
    static let pong: UInt8 = 0xA
}

/// Reads and writes frames with wslay's frame layer, which holds no more than a buffer of 4 KiB.
///
/// It checks what a single frame can show: the length's form and its highest bit, and that a control frame is whole and
/// short. All else is ``MessageStateMachine``'s.
final class FrameCodec {
    /// Freed in deinit. Its user data is this object, unretained: it outlives the context.
    private var context: wslay_frame_context_ptr?
    /// What is left of the bytes being read; only set during ``read(_:_:)``.
    private var input = UnsafeRawBufferPointer(start: nil, count: 0)
    private var output: [UInt8] = []

    init() {
        var callbacks = wslay_frame_callbacks(
            send_callback: { bytes, count, _, codec in FrameCodec.from(codec)?.take(bytes, count) ?? -1 },
            recv_callback: { buffer, count, _, codec in FrameCodec.from(codec)?.supply(buffer, count) ?? -1 },
            genmask_callback: { buffer, count, _ in
                guard let buffer else { return -1 }
                _ = UnsafeMutableBufferPointer(start: buffer, count: count).update(
                    fromContentsOf: SecureRandom.bytes(count))
                return 0
            })
        wslay_frame_context_init(&context, &callbacks, Unmanaged.passUnretained(self).toOpaque())
    }

    deinit {
        if let context { wslay_frame_context_free(context) }
    }

    private static func from(_ codec: UnsafeMutableRawPointer?) -> FrameCodec? {
        codec.map { Unmanaged<FrameCodec>.fromOpaque($0).takeUnretainedValue() }
    }

    /// Reads all of `bytes`, handing out each part, until `body` returns false.
    ///
    /// - Returns: false when the bytes are no frame; nothing more can be read then.
    func read(_ bytes: UnsafeRawBufferPointer, _ body: (FramePart) -> Bool) -> Bool {
        input = bytes
        defer { input = UnsafeRawBufferPointer(start: nil, count: 0) }
        while true {
            var frame = wslay_frame_iocb()
            let count = wslay_frame_recv(context, &frame)
            if count == Int(WSLAY_ERR_WANT_READ.rawValue) { return true }
            guard count >= 0 else { return false }
            let part = FramePart(
                isFinal: frame.fin != 0, reservedBits: frame.rsv, opcode: frame.opcode, isMasked: frame.mask != 0,
                length: frame.payload_length, bytes: UnsafeBufferPointer(start: frame.data, count: frame.data_length))
            guard body(part) else { return true }
        }
    }

    /// One whole frame. A masked one, as every client's must be, gets a fresh random key.
    func encode(opcode: UInt8, _ payload: [UInt8], isMasked: Bool) -> [UInt8] {
        output.reserveCapacity(payload.count + 14)
        payload.withUnsafeBufferPointer { payload in
            var frame = wslay_frame_iocb()
            frame.fin = 1
            frame.opcode = opcode
            frame.mask = isMasked ? 1 : 0
            frame.payload_length = UInt64(payload.count)
            frame.data = payload.baseAddress
            frame.data_length = payload.count
            var sent = wslay_frame_send(context, &frame)
            // wslay stops at its own buffer's size; the callback takes everything, so this ends.
            while sent > 0, frame.data_length > sent {
                frame.data = frame.data?.advanced(by: sent)
                frame.data_length -= sent
                sent = wslay_frame_send(context, &frame)
            }
        }
        defer { output = [] }
        return output
    }

    private func take(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int {
        output.append(contentsOf: UnsafeBufferPointer(start: bytes, count: count))
        return count
    }

    private func supply(_ buffer: UnsafeMutablePointer<UInt8>?, _ room: Int) -> Int {
        let count = min(room, input.count)
        guard count > 0, let buffer else { return -1 }
        UnsafeMutableRawBufferPointer(start: buffer, count: count).copyMemory(
            from: UnsafeRawBufferPointer(rebasing: input[..<count]))
        input = UnsafeRawBufferPointer(rebasing: input[count...])
        return count
    }
}
