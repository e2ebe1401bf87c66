internal import Glibc

/// Sets an option that takes a number. A refusal is not an error here: every option set is an improvement, not a need.
@discardableResult
func setSocketOption(_ descriptor: Int32, level: Int32, _ name: Int32, _ value: Int32) -> Bool {
    var value = value
    return setsockopt(descriptor, level, name, &value, socklen_t(MemoryLayout<Int32>.size)) == 0
}

/// The pending error of a socket (`SO_ERROR`), which reading clears; 0 for none.
func takeSocketError(_ descriptor: Int32) -> Int32 {
    var code: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length) == 0 ? code : errno
}

/// A new non-blocking, close-on-exec TCP socket.
func makeStreamSocket(family: Int32) throws(SocketError) -> Int32 {
    let type = SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue
    let descriptor = socket(family, Int32(type), 0)
    guard descriptor >= 0 else { throw .system(operation: "socket", code: errno) }
    return descriptor
}

/// The process's soft limit on descriptors.
func descriptorLimit() -> Int {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1024 }
    return Int(clamping: limit.rlim_cur)
}
