internal import CShims
internal import Glibc

/// What the process is allowed, and what it denies others, before it reads a secret.
enum ProcessSetUp {
    /// More descriptors than any configuration can use.
    private static let descriptorGoal: rlim_t = 131_072

    /// No core files, no reading of our memory by others of the same user, new files private, no death by SIGPIPE
    /// or SIGXFSZ.
    static func harden() {
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
        _ = bb_make_undumpable()
        umask(0o077)
        signal(SIGPIPE, SIG_IGN)
        // A bound on file sizes is a write that fails, as any full disk is.
        signal(SIGXFSZ, SIG_IGN)
    }

    /// Raises the soft limit as far as the hard one lets it, up to what is of use; answers what may be open at once.
    static func raiseDescriptorLimit() -> Int {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(resource, &limit) == 0 else { return 1024 }
        let wanted = min(limit.rlim_max, descriptorGoal)
        if limit.rlim_cur < wanted {
            var raised = rlimit(rlim_cur: wanted, rlim_max: limit.rlim_max)
            if setrlimit(resource, &raised) == 0 { limit.rlim_cur = wanted }
        }
        return Int(clamping: min(limit.rlim_cur, descriptorGoal))
    }

    /// The environment as the process was given it.
    static var environment: [String: String] {
        var variables: [String: String] = [:]
        var entry = environ
        while let text = entry.pointee {
            let pair = String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if pair.count == 2 { variables[String(pair[0])] = String(pair[1]) }
            entry += 1
        }
        return variables
    }

    /// Writes all of `text`; what a closed descriptor refuses is lost.
    static func write(_ text: String, to descriptor: Int32) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                bytes = bytes.dropFirst(count)
            } else if errno != EINTR {
                return
            }
        }
    }
}
