internal import Bytes
internal import Cryptography
internal import Glibc
internal import Sandbox

/// What scripts wait for: where the program listens, and how to use it. Appears whole, or not at all.
struct ReadyFile: Equatable {
    var url: String
    var pid: Int32
    var accounts: [String]
    /// The demo key of a sandbox.
    var key: String?
    /// The variables that point the vendor's SDK at the sandbox, in order.
    var sandbox: [(name: String, value: String)]?
    /// Where the simulated OpenD is.
    var openD: LongbridgeSandbox.OpenDAddress?

    static func == (left: ReadyFile, right: ReadyFile) -> Bool { left.encoded == right.encoded }

    var encoded: [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.key("url")
        json.string(url)
        json.key("pid")
        json.int(pid)
        json.key("accounts")
        json.beginArray()
        for account in accounts { json.string(account) }
        json.endArray()
        if let key {
            json.key("key")
            json.string(key)
        }
        if let sandbox {
            json.key("sandbox")
            json.beginObject()
            json.key("environment")
            json.beginObject()
            for (name, value) in sandbox {
                json.key(dynamic: name)
                json.string(value)
            }
            json.endObject()
            if let openD { write(openD, to: &json) }
            json.endObject()
        }
        json.endObject()
        return json.bytes + [0x0a]
    }

    private func write(_ address: LongbridgeSandbox.OpenDAddress, to json: inout JSONWriter) {
        json.key("opend")
        json.beginObject()
        json.key("host")
        json.string(address.host)
        json.key("port")
        json.int(address.port)
        json.key("encrypted_port")
        json.int(address.sealedPort)
        json.key("rsa_private_key")
        json.string(address.privateKey.withBytes { String(decoding: $0, as: UTF8.self) })
        json.key("trade_password")
        json.string(address.tradePassword.withBytes { String(decoding: $0, as: UTF8.self) })
        json.endObject()
    }

    /// Writes beside `path` and renames. The file holds secrets, so only its owner can read it.
    func write(to path: String) throws(CommandFailure) {
        let draft = "\(path).\(pid).draft"
        unlink(draft)
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw CommandFailure(.cannotCreate, "cannot write the ready file \(path): \(StateDirectory.reason(errno))")
        }
        let bytes = encoded
        let isWritten = Glibc.write(descriptor, bytes, bytes.count) == bytes.count && fsync(descriptor) == 0
        let code = errno
        close(descriptor)
        guard isWritten, rename(draft, path) == 0 else {
            let reason = StateDirectory.reason(isWritten ? errno : code)
            unlink(draft)
            throw CommandFailure(.cannotCreate, "cannot write the ready file \(path): \(reason)")
        }
    }

    /// A file of an earlier run would send its reader to the wrong place.
    static func remove(_ path: String) {
        unlink(path)
    }
}
