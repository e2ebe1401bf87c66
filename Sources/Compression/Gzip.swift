internal import CZlib

/// Gzip (RFC 1952) of whole messages.
///
/// Members that follow each other are inflated as one text, as section 2.2 of the RFC demands; the limit holds for their
/// sum. Anything else after a member is refused, zero padding too: in a framed protocol it is no padding but a mistake
/// or a hidden payload.
public enum Gzip {
    private static let windowBits: Int32 = 15 + 16  // the largest window, and the gzip wrapper rather than zlib's
    private static let magic: [UInt8] = [0x1F, 0x8B]

    /// One member at zlib's usual level, without name or time: equal input gives equal output.
    ///
    /// - Throws: ``CompressionError/tooLarge(limit:)`` for 4 GiB and more, ``CompressionError/outOfMemory``.
    public static func compress(_ bytes: [UInt8]) throws(CompressionError) -> [UInt8] {
        let bound = Int(UInt32.max) / 2
        guard bytes.count <= bound else { throw .tooLarge(limit: bound) }
        let stream = Stream()
        guard
            deflateInit2_(
                stream.pointer, Z_DEFAULT_COMPRESSION, Z_DEFLATED, windowBits, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
                Stream.size) == Z_OK
        else { throw .outOfMemory }
        defer { deflateEnd(stream.pointer) }
        var output = [UInt8](repeating: 0, count: Int(deflateBound(stream.pointer, UInt(bytes.count))))
        let produced = stream.step(input: bytes[...], output: &output, using: { deflate($0, Z_FINISH) })
        guard produced.status == Z_STREAM_END else { throw .outOfMemory }
        output.removeSubrange(produced.written...)
        return output
    }

    /// The inflated bytes of every member.
    ///
    /// - Parameter limit: the most bytes that may come out, checked while inflating: memory stays under the limit and
    ///   one buffer, whatever the input promises.
    /// - Throws: ``CompressionError``, whose cases say which rule was broken.
    public static func decompress(_ bytes: ArraySlice<UInt8>, limit: Int) throws(CompressionError) -> [UInt8] {
        precondition(limit >= 0, "a limit is a count of bytes")
        guard bytes.count < Int(UInt32.max) else { throw .malformed }
        let stream = Stream()
        guard inflateInit2_(stream.pointer, windowBits, ZLIB_VERSION, Stream.size) == Z_OK else { throw .outOfMemory }
        defer { inflateEnd(stream.pointer) }

        var rest = bytes
        var inflated: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: min(limit, 65_535) + 1)
        while true {
            let step = stream.step(input: rest, output: &buffer, using: { inflate($0, Z_NO_FLUSH) })
            rest = rest.dropFirst(step.read)
            guard step.written <= limit - inflated.count else { throw .tooLarge(limit: limit) }
            inflated += buffer[..<step.written]
            switch step.status {
            case Z_STREAM_END:
                if rest.isEmpty { return inflated }
                guard magic.starts(with: rest.prefix(2)) else { throw .trailingGarbage }
                guard inflateReset(stream.pointer) == Z_OK else { throw .malformed }
            case Z_OK, Z_BUF_ERROR:
                // All input taken and room left in the buffer: nothing more can come out.
                if rest.isEmpty, step.written < buffer.count { throw .truncated }
                guard step.read > 0 || step.written > 0 else { throw .malformed }
            case Z_MEM_ERROR:
                throw .outOfMemory
            default:
                throw .malformed
            }
        }
    }

    /// As ``decompress(_:limit:)-(ArraySlice<UInt8>,_)``, for a whole array.
    public static func decompress(_ bytes: [UInt8], limit: Int) throws(CompressionError) -> [UInt8] {
        try decompress(bytes[...], limit: limit)
    }
}

/// zlib's working state. It keeps a pointer to itself, so it lives on the heap and never moves.
private final class Stream {
    static let size = Int32(MemoryLayout<z_stream>.size)
    let pointer: UnsafeMutablePointer<z_stream>

    init() {
        pointer = .allocate(capacity: 1)
        pointer.initialize(to: z_stream())
    }

    deinit {
        pointer.deinitialize(count: 1)
        pointer.deallocate()
    }

    /// Runs `body` once over the input and the output, which zlib sees for the length of the call only.
    func step(
        input: ArraySlice<UInt8>, output: inout [UInt8], using body: (UnsafeMutablePointer<z_stream>) -> Int32
    ) -> (status: Int32, read: Int, written: Int) {
        input.withUnsafeBufferPointer { source in
            output.withUnsafeMutableBufferPointer { target in
                // zlib does not write to its input, though older headers say it may.
                pointer.pointee.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
                pointer.pointee.avail_in = UInt32(source.count)
                pointer.pointee.next_out = target.baseAddress
                pointer.pointee.avail_out = UInt32(target.count)
                let status = body(pointer)
                let read = source.count - Int(pointer.pointee.avail_in)
                let written = target.count - Int(pointer.pointee.avail_out)
                pointer.pointee.next_in = nil
                pointer.pointee.next_out = nil
                return (status, read, written)
            }
        }
    }
}
