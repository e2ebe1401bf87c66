internal import Clocks

/// One-time passwords, sessions and who is logged in. Time and fresh identifiers are handed in.
struct SandboxSessions: Sendable {
    /// One socket.
    struct SocketID: Hashable, Sendable {
        let number: Int
    }

    /// A session that can be come back to.
    struct Session: Equatable, Sendable {
        let id: String
        let expires: WallTime
    }

    /// What a login leads to.
    struct Login: Equatable, Sendable {
        let session: Session
        /// Sockets logged in now, this one included.
        let online: Int
        /// The socket that held the session until now, to be closed as a duplicate.
        let replaced: SocketID?
    }

    private var passwords: [String: WallTime] = [:]
    private var sessions: [String: (expires: WallTime, owner: SocketID?)] = [:]
    private var loggedIn: Set<SocketID> = []

    /// Passwords and sessions kept at once; all go when there are more.
    private static let bound = 10_000

    var online: Int { loggedIn.count }

    /// Makes `password` good for one login until `expires`.
    mutating func issue(password: String, expires: WallTime, now: WallTime) {
        passwords = passwords.filter { $0.value > now }
        if passwords.count >= SandboxSessions.bound { passwords.removeAll() }
        passwords[password] = expires
    }

    /// A login with a one-time password, which only a successful one spends.
    mutating func login(
        password: String, socket: SocketID, fresh: Session, limit: Int, now: WallTime
    ) throws(BrokerRefusal) -> Login {
        guard let expires = passwords[password], expires > now else { throw .wrongPassword }
        guard loggedIn.count < limit else { throw .tooManyConnections }
        passwords[password] = nil
        return accept(socket, fresh, replaced: nil, now)
    }

    /// A login with the session of a lost connection, which is spent. If that connection is not lost, it is replaced.
    mutating func reconnect(
        session: String, socket: SocketID, fresh: Session, limit: Int, now: WallTime
    ) throws(BrokerRefusal) -> Login {
        guard let known = sessions[session], known.expires > now else { throw .sessionExpired }
        let replaced = known.owner.flatMap { loggedIn.contains($0) ? $0 : nil }
        guard loggedIn.count - (replaced == nil ? 0 : 1) < limit else { throw .tooManyConnections }
        sessions[session] = nil
        if let replaced { loggedIn.remove(replaced) }
        return accept(socket, fresh, replaced: replaced, now)
    }

    private mutating func accept(_ socket: SocketID, _ fresh: Session, replaced: SocketID?, _ now: WallTime) -> Login {
        sessions = sessions.filter { $0.value.expires > now }
        if sessions.count >= SandboxSessions.bound { sessions.removeAll() }
        sessions[fresh.id] = (fresh.expires, socket)
        loggedIn.insert(socket)
        return Login(session: fresh, online: loggedIn.count, replaced: replaced)
    }

    /// The socket ended: its place is free at once, its session stays good.
    mutating func ended(_ socket: SocketID) {
        loggedIn.remove(socket)
    }

    /// No session is good any more. Who is logged in stays so.
    mutating func expireAll() {
        sessions = [:]
    }
}
