internal import Bytes
public import Protobuf

/// Why a body is not the message it should be. Never shown with the bytes.
public enum OpenDBodyError: Error, Equatable, Sendable {
    /// Not the protobuf message; a required field may be missing.
    case notProtobuf(ProtobufError)
    /// Not JSON at all, or not an object.
    case notJSON
    /// JSON that does not fit the message; the member's name.
    case notTheMessage(ProtobufError)
    /// A request without `c2s`.
    case noPayload
}

/// A request's body: the payload in its wrapper, in either format.
public enum OpenDRequest {
    /// The bytes of a request with that payload.
    public static func encode(_ payload: some Message, format: OpenDFormat = .protobuf) -> [UInt8] {
        switch format {
        case .protobuf:
            var wrapper = OpenD.Envelope.Request()
            wrapper.c2s = payload.encoded()
            return wrapper.encoded()
        case .json:
            var json = JSONWriter()
            json.beginObject()
            json.key("c2s")
            payload.writeJSON(to: &json)
            json.endObject()
            return json.bytes
        }
    }

    /// The payload of a request.
    public static func decode<Payload: Message>(
        _ type: Payload.Type, from body: [UInt8], format: OpenDFormat = .protobuf
    ) throws(OpenDBodyError) -> Payload {
        switch format {
        case .protobuf:
            do throws(ProtobufError) {
                return try Payload.decode(try OpenD.Envelope.Request.decode(body).c2s)
            } catch { throw .notProtobuf(error) }
        case .json:
            guard let payload = try OpenDReply<Payload>.object(body)["c2s"] else { throw .noPayload }
            return try OpenDReply<Payload>.payload(payload)
        }
    }
}

/// A reply or a push: how it went, and the payload if it went well.
public struct OpenDReply<Payload: Message>: Equatable, Sendable {
    /// 0 for success; ``OpenDReply/unknownResult`` if the gateway did not say.
    public var result: Int32
    /// The reason, for people, in the gateway's language.
    public var message: String?
    /// For logs; PlaceOrder uses it where words are not enough. Usually 0 or absent.
    public var errorCode: Int32?
    /// The payload: absent on failure, and may be absent where it has no fields.
    public var payload: Payload?

    /// `retType` of a reply that names none.
    public static var unknownResult: Int32 { -400 }

    /// A reply.
    public init(result: Int32 = 0, message: String? = nil, errorCode: Int32? = nil, payload: Payload? = nil) {
        self.result = result
        self.message = message
        self.errorCode = errorCode
        self.payload = payload
    }

    /// Whether the gateway did what it was asked.
    public var isSuccess: Bool { result == 0 }

    /// The bytes of the reply.
    public func encoded(format: OpenDFormat = .protobuf) -> [UInt8] {
        switch format {
        case .protobuf:
            var wrapper = OpenD.Envelope.Reply()
            wrapper.retType = result
            wrapper.retMsg = message
            wrapper.errCode = errorCode
            wrapper.s2c = payload?.encoded()
            return wrapper.encoded()
        case .json:
            var json = JSONWriter()
            json.beginObject()
            json.key("retType")
            json.int(result)
            if let message {
                json.key("retMsg")
                json.string(message)
            }
            if let errorCode {
                json.key("errCode")
                json.int(errorCode)
            }
            if let payload {
                json.key("s2c")
                payload.writeJSON(to: &json)
            }
            json.endObject()
            return json.bytes
        }
    }

    /// Reads a reply or a push.
    public static func decode(
        _ body: [UInt8], format: OpenDFormat = .protobuf
    ) throws(OpenDBodyError) -> OpenDReply {
        switch format {
        case .protobuf:
            do throws(ProtobufError) {
                let wrapper = try OpenD.Envelope.Reply.decode(body)
                var payload: Payload?
                if let bytes = wrapper.s2c {
                    do throws(ProtobufError) {
                        payload = try Payload.decode(bytes)
                    } catch {
                        // What stands in a refusal does not matter beside its reason.
                        guard wrapper.retType != 0, wrapper.retType != nil else { throw error }
                    }
                }
                return OpenDReply(
                    result: wrapper.retType ?? unknownResult, message: wrapper.retMsg, errorCode: wrapper.errCode,
                    payload: payload)
            } catch { throw .notProtobuf(error) }
        case .json:
            let object = try object(body)
            var payload: Payload?
            if let value = object["s2c"], !value.isNull { payload = try self.payload(value) }
            return OpenDReply(
                result: object["retType"]?.intValue.map { Int32(clamping: $0) } ?? unknownResult,
                message: object["retMsg"]?.stringValue,
                errorCode: object["errCode"]?.intValue.map { Int32(clamping: $0) }, payload: payload)
        }
    }

    fileprivate static func object(_ body: [UInt8]) throws(OpenDBodyError) -> JSONObject {
        let value: JSONValue
        do { value = try JSONValue.parse(body, limits: JSONLimits(values: 2_000_000)) } catch { throw .notJSON }
        guard let object = value.objectValue else { throw .notJSON }
        return object
    }

    fileprivate static func payload(_ value: JSONValue) throws(OpenDBodyError) -> Payload {
        do throws(ProtobufError) { return try Payload(json: value) } catch { throw .notTheMessage(error) }
    }
}
