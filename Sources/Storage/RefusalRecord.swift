public import EventLoops

/// How often in a row a broker refused an account's credential, over all runs of the program.
///
/// It counts; what follows from the count is its owner's to decide. A record of another credential counts as none. What
/// cannot be read or kept is counted in memory alone.
@LoopActor
public final class RefusalRecord {
    /// Refusals since the credential was last accepted, or since somebody asked for another try. 255 at most.
    public private(set) var count = 0
    /// What the broker said last, for people; at most ``longestReason`` bytes.
    public private(set) var reason = ""

    /// Bytes of a reason that are kept.
    public nonisolated static let longestReason = 512

    private let account: String
    private let credential: [UInt8]
    private let store: any SecretKeeping
    private var isLoaded = false
    private var reading: Task<Void, Never>?
    /// The newest step; each waits for the one before it.
    private var work: Task<Void, Never>?

    /// A record that is not read yet.
    ///
    /// - Parameter credential: a digest of what is presented, at most 255 bytes.
    public init(of account: String, credential: [UInt8], in store: any SecretKeeping) {
        self.account = account
        self.credential = credential
        self.store = store
    }

    /// Reads what earlier runs kept; returns when ``count`` holds that too.
    public func load() async {
        if reading == nil {
            reading = follow { record in
                let kept = try? await record.store.read(.refusals, of: record.account)
                guard !record.isLoaded else { return }
                record.isLoaded = true
                guard let (count, reason) = kept.flatMap({ record.decoded($0) }) else { return }
                record.count = min(record.count + count, 255)
                if record.reason.isEmpty { record.reason = reason }
            }
        }
        await reading?.value
    }

    /// The broker refused the credential. It counts at once, and is on the disk soon.
    public func refused(_ reason: String) {
        count = min(count + 1, 255)
        self.reason = String(decoding: reason.utf8.prefix(RefusalRecord.longestReason), as: UTF8.self)
        let bytes = encoded()
        follow { try? await $0.store.write(bytes, .refusals, of: $0.account) }
    }

    /// The credential was accepted, or a person asks for another try.
    public func forget() {
        guard count > 0 || !isLoaded else { return }
        count = 0
        reason = ""
        isLoaded = true
        follow { try? await $0.store.remove(.refusals, of: $0.account) }
    }

    /// Returns when everything so far is on the disk.
    public func settle() async { await work?.value }

    @discardableResult
    private func follow(_ step: @escaping @LoopActor (RefusalRecord) async -> Void) -> Task<Void, Never> {
        let task = spawn { [before = work, self] in
            await before?.value
            await step(self)
        }
        work = task
        return task
    }

    // MARK: Form

    /// A count, the credential behind its length, and the reason.
    private func encoded() -> [UInt8] {
        [UInt8(clamping: count), UInt8(clamping: credential.count)] + credential + Array(reason.utf8)
    }

    private func decoded(_ bytes: [UInt8]) -> (Int, String)? {
        guard bytes.count >= 2 + credential.count, Int(bytes[1]) == credential.count,
            bytes[2..<(2 + credential.count)].elementsEqual(credential)
        else { return nil }
        return (Int(bytes[0]), String(decoding: bytes[(2 + credential.count)...], as: UTF8.self))
    }
}
