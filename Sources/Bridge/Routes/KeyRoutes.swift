internal import BrokerModel
internal import BrokerSessions
internal import Bytes
internal import Clocks
internal import Cryptography
internal import EventLoops
internal import HTTPServing
internal import HTTPWire
internal import Storage

extension BridgeApplication {
    static func addKeyRoutes(to table: inout RouteTable<Route>) {
        table.add(
            .get, "/v1/keys",
            Route(scope: .admin) { application, context throws(Problem) in try application.listKeys(context) })
        table.add(
            .post, "/v1/keys",
            Route(scope: .admin) { application, context throws(Problem) in try application.createKey(context) })
        table.add(
            .get, "/v1/keys/self",
            Route { application, context throws(Problem) in try application.ownKey(context) })
        table.add(
            .delete, "/v1/keys/{id}",
            Route(scope: .admin) { application, context throws(Problem) in try application.revokeKey(context) })
    }

    /// Reads the keys of the state, and lets them in beside those of the configuration.
    func loadKeys() async throws(StorageError) {
        let all = try await database.read { connection throws(StorageError) in try KeyStore.all(on: connection) }
        take(stored: all.keys, revoked: all.revoked)
    }

    private func ownKey(_ context: RouteContext) throws(Problem) -> HTTPReply {
        try context.noParameters()
        var json = JSONWriter()
        json.beginObject()
        if let key = keys.key(named: context.holder.name) { key.writeMembers(to: &json) }
        json.endObject()
        return .ready(context.json(json.bytes))
    }

    private func listKeys(_ context: RouteContext) throws(Problem) -> HTTPReply {
        try context.noParameters()
        var json = JSONWriter()
        json.beginObject()
        json.key("data")
        json.beginArray()
        for key in configuredKeys { json.key(key, id: key.name, source: "configuration", createdAt: nil) }
        for stored in storedKeys {
            json.key(stored.key, id: stored.id, source: "state", createdAt: stored.createdAt)
        }
        json.endArray()
        json.key("next_cursor")
        json.null()
        json.endObject()
        return .ready(context.json(json.bytes))
    }

    private func createKey(_ context: RouteContext) throws(Problem) -> HTTPReply {
        try context.noParameters()
        try context.requireJSON()
        let secret = APIKey.generate()
        var body = try BodyReader(context.request.body)
        let key = try KeyConfiguration(reading: &body, hash: KeyHash(of: secret))
        try body.finish()
        try check(key, against: context.holder)
        let stored = StoredKey(id: KeyStore.newID(), key: key, createdAt: .now())
        return .pending { [self] in
            do throws(StorageError) {
                let outcome = try await database.write { connection throws(StorageError) in
                    try KeyStore.insert(stored, on: connection)
                }
                switch outcome {
                case .created: break
                case .nameTaken: return context.problem(BridgeApplication.nameTaken)
                case .full:
                    return context.problem(
                        Problem(status: 422, code: "too_many_keys", detail: "There are \(KeyStore.bound) keys already.")
                    )
                }
                try await loadKeys()
            } catch {
                return context.problem(
                    Problem(
                        status: 503, code: "storage_unavailable", detail: "The key could not be kept: \(error).",
                        retryable: true))
            }
            var json = JSONWriter()
            json.key(
                key, id: stored.id, source: "state", createdAt: stored.createdAt,
                secret: secret.secret.withBytes { String(decoding: $0, as: UTF8.self) })
            var response = context.json(json.bytes, status: 201)
            response.fields["Location"] = "/v1/keys/\(stored.id)"
            return response
        }
    }

    /// Nobody gives what they do not have: other accounts or securities than their own.
    private func check(_ key: KeyConfiguration, against holder: KeyHolder) throws(Problem) {
        guard !configuredKeys.contains(where: { $0.name == key.name }) else { throw BridgeApplication.nameTaken }
        switch key.accounts {
        case .all:
            guard holder.accounts == .all else {
                throw Problem(
                    status: 403, code: "account_not_allowed", detail: "The key may not give access to every account.",
                    field: "/accounts")
            }
        case .only(let aliases):
            for alias in aliases.sorted() {
                guard holder.mayUse(account: alias), accounts.brokers.contains(where: { $0.account.alias == alias })
                else {
                    throw Problem(
                        status: 422, code: "invalid_field", detail: "There is no such account for this key.",
                        field: "/accounts")
                }
            }
        }
        if let own = holder.symbols {
            guard let symbols = key.symbols, symbols.isSubset(of: own) else {
                throw Problem(
                    status: 403, code: "symbol_not_allowed", detail: "The key may not give access to other symbols.",
                    field: "/symbols")
            }
        }
    }

    private static let nameTaken = Problem(
        status: 409, code: "key_exists", detail: "Another key has this name.", field: "/name")

    private func revokeKey(_ context: RouteContext) throws(Problem) -> HTTPReply {
        try context.noParameters()
        let id = context.parameters["id"]
        guard !configuredKeys.contains(where: { $0.name == id }) else {
            throw Problem(
                status: 409, code: "key_in_configuration",
                detail: "The key stands in the configuration: take it out there and send HUP.")
        }
        guard let stored = storedKeys.first(where: { $0.id == id }) else {
            throw Problem(status: 404, code: "not_found", detail: "There is no such key.")
        }
        return .pending { [self] in
            // It works for nobody from now on, whatever the disk says.
            withdraw(stored)
            do throws(StorageError) {
                _ = try await database.write { connection throws(StorageError) in
                    try KeyStore.revoke(id, now: .now(), on: connection)
                }
            } catch {
                return context.problem(
                    Problem(
                        status: 503, code: "storage_unavailable",
                        detail: "The key works no more, but that could not be kept: repeat it. \(error).",
                        retryable: true))
            }
            storedKeys.removeAll { $0.id == id }
            return context.empty()
        }
    }
}

extension JSONWriter {
    /// A key as the API shows it.
    fileprivate mutating func key(
        _ key: KeyConfiguration, id: String, source: String, createdAt: WallTime?, secret: String? = nil
    ) {
        beginObject()
        self.key("id")
        string(id)
        if let secret {
            self.key("key")
            string(secret)
        }
        self.key("source")
        string(source)
        self.key("created_at")
        string(createdAt?.rfc3339)
        key.writeMembers(to: &self)
        endObject()
    }
}
