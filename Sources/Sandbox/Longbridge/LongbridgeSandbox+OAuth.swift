internal import Bytes
internal import Clocks
internal import EventLoops
internal import HTTPServing
internal import HTTPWire

/// The authorization server over HTTP, at the vendor's paths, with its pages for people.
///
/// - Source: `longbridge-http`, section 2.
extension LongbridgeSandbox {
    static let documentPath = "/.well-known/oauth-authorization-server"
    static let oauthPath = "/oauth2/"

    func authorizationServer(_ request: HTTPRequest, _ path: String) -> HTTPReply {
        counters.count(
            path.hasPrefix("/oauth2/register/") ? "\(request.head.method.text) /oauth2/register/…" : path)
        switch (request.head.method, path) {
        case (.get, LongbridgeSandbox.documentPath): return .ready(document())
        case (.post, "/oauth2/register"): return .ready(register(request))
        case (.delete, _) where path.hasPrefix("/oauth2/register/"): return .ready(unregister(request, path))
        case (.get, "/oauth2/authorize"), (.post, "/oauth2/authorize"): return .ready(authorize(request))
        case (.post, "/oauth2/token"): return token(request)
        case (.post, "/oauth2/revoke"):
            if let token = form(request)["token"] { oauth.revoke(token: token) }
            return .ready(.json(Array("{}".utf8)))
        case (.post, "/oauth2/device/authorize"): return .ready(beginDevice(request))
        case (.get, "/oauth2/device"), (.post, "/oauth2/device"): return .ready(decideDevice(request))
        default: return .ready(refused(SandboxOAuth.Refusal("invalid_request", "no such endpoint", status: 404)))
        }
    }

    private func form(_ request: HTTPRequest) -> [String: String] {
        let text = String(decoding: request.body, as: UTF8.self)
        guard let target = RequestTarget("/?" + text) else { return [:] }
        return Dictionary(target.query.map { ($0.name, $0.value) }) { first, _ in first }
    }

    private func query(_ request: HTTPRequest) -> [String: String] {
        Dictionary(request.head.target.query.map { ($0.name, $0.value) }) { first, _ in first }
    }

    private func json(status: Int = 200, _ members: (inout JSONWriter) -> Void) -> HTTPResponse {
        var json = JSONWriter()
        json.beginObject()
        members(&json)
        json.endObject()
        var response = HTTPResponse.json(json.bytes, status: status)
        response.fields["Cache-Control"] = "no-store"
        return response
    }

    private func refused(_ refusal: SandboxOAuth.Refusal) -> HTTPResponse {
        json(status: refusal.status) { json in
            json.key("error")
            json.string(refusal.code)
            json.key("error_description")
            json.string(refusal.description)
        }
    }

    private func document() -> HTTPResponse {
        json { json in
            for (name, path) in [
                ("authorization_endpoint", "authorize"), ("token_endpoint", "token"), ("revocation_endpoint", "revoke"),
                ("registration_endpoint", "register"), ("device_authorization_endpoint", "device/authorize"),
            ] {
                json.key(dynamic: name)
                json.string("\(httpURL)/oauth2/\(path)")
            }
            json.key("issuer")
            json.string(httpURL)
            for (name, words) in [
                ("scopes_supported", ["4", "6", "10", "11", "12"]), ("response_types_supported", ["code"]),
                ("grant_types_supported", ["authorization_code", "refresh_token"]),
                ("token_endpoint_auth_methods_supported", ["none", "client_secret_post"]),
                ("code_challenge_methods_supported", ["S256", "plain"]),
            ] {
                json.key(dynamic: name)
                json.beginArray()
                for word in words { json.string(word) }
                json.endArray()
            }
        }
    }

    // MARK: Clients

    private func register(_ request: HTTPRequest) -> HTTPResponse {
        guard let body = try? JSONValue.parse(request.body), let name = body["client_name"]?.stringValue,
            let uris = body["redirect_uris"]?.arrayValue?.compactMap(\.stringValue), !uris.isEmpty
        else { return refused(SandboxOAuth.Refusal("invalid_client_metadata", "client_name and redirect_uris")) }
        guard uris.allSatisfy({ $0.hasPrefix("http://") || $0.hasPrefix("https://") }) else {
            return refused(SandboxOAuth.Refusal("invalid_redirect_uri", "http or https"))
        }
        let id = oauth.register(uris, name: name)
        return json(status: 201) { json in
            json.key("client_id")
            json.string(id)
            json.key("client_id_issued_at")
            json.int(clock().seconds)
            json.key("client_secret_expires_at")
            json.int(clock().seconds + 3600)
            json.key("client_name")
            json.string(name)
            json.key("redirect_uris")
            json.beginArray()
            for uri in uris { json.string(uri) }
            json.endArray()
            json.key("token_endpoint_auth_method")
            json.string("none")
            json.key("registration_access_token")
            json.string(oauth.clients[id]?.registrationToken)
            json.key("registration_client_uri")
            json.string("\(httpURL)/oauth2/register/\(id)")
        }
    }

    private func unregister(_ request: HTTPRequest, _ path: String) -> HTTPResponse {
        let id = String(path.dropFirst("/oauth2/register/".count))
        guard let client = oauth.clients[id],
            request.head.fields["Authorization"] == "Bearer \(client.registrationToken)"
        else { return refused(SandboxOAuth.Refusal("invalid_token", "not the client's token", status: 401)) }
        oauth.clients[id] = nil
        return HTTPResponse(status: 204)
    }

    // MARK: People

    /// The consent page; with `auto_approve` in the query, or when its button is pressed, the way back.
    private func authorize(_ request: HTTPRequest) -> HTTPResponse {
        let isDecision = request.head.method == .post
        let query = isDecision ? form(request) : query(request)
        if let mistake = oauth.mistake(clientID: query["client_id"], redirectURI: query["redirect_uri"]) {
            return page(status: 400, "<h1>This request cannot be shown</h1><p>\(mistake)</p>")
        }
        guard let clientID = query["client_id"], let redirectURI = query["redirect_uri"] else {
            return page(status: 400, "<h1>Incomplete</h1>")
        }
        let state = query["state"].map { "&state=\(Self.escaped($0))" } ?? ""
        let back = redirectURI + (redirectURI.contains("?") ? "&" : "?")
        guard query["response_type"] == "code" else {
            return redirect("\(back)error=unsupported_response_type\(state)")
        }
        if query["decision"] == "deny" { return redirect("\(back)error=access_denied\(state)") }
        guard query["decision"] == "approve" || query["auto_approve"] != nil else {
            let hidden = query.sorted { $0.key < $1.key }.map {
                "<input type=\"hidden\" name=\"\(Self.html($0.key))\" value=\"\(Self.html($0.value))\">"
            }
            let name = Self.html(oauth.clients[clientID]?.name ?? "")
            return page(
                status: 200,
                """
                <h1>Simulated Longbridge</h1><p><b>\(name)</b> asks to use your account.</p>
                <form method="post" action="/oauth2/authorize">\(hidden.joined())\(Self.centerBox)
                <button name="decision" value="approve">Approve</button>
                <button name="decision" value="deny">Deny</button></form>
                """)
        }
        let code = oauth.approve(
            clientID: clientID, redirectURI: redirectURI, challenge: query["code_challenge"],
            isPlain: query["code_challenge_method"] != "S256", center: Self.center(query), now: clock())
        return redirect("\(back)code=\(code)\(state)")
    }

    private func decideDevice(_ request: HTTPRequest) -> HTTPResponse {
        let isDecision = request.head.method == .post
        let query = isDecision ? form(request) : query(request)
        let userCode = (query["user_code"] ?? "").uppercased()
        guard isDecision || query["auto_approve"] != nil else {
            return page(
                status: 200,
                """
                <h1>Simulated Longbridge</h1><form method="post" action="/oauth2/device">
                <label>Code <input name="user_code" value="\(Self.html(userCode))"></label>\(Self.centerBox)
                <button name="decision" value="approve">Approve</button>
                <button name="decision" value="deny">Deny</button></form>
                """)
        }
        let isApproved = query["decision"] != "deny"
        guard oauth.decide(userCode: userCode, isApproved: isApproved, center: Self.center(query)) else {
            return page(status: 400, "<h1>Unknown code</h1>")
        }
        return page(status: 200, "<h1>Done</h1><p>Go back to your program.</p>")
    }

    private static let centerBox =
        "<label><input type=\"checkbox\" name=\"data_center\" value=\"us\"> in the US data centre</label>"

    private static func center(_ query: [String: String]) -> SandboxDataCenter {
        query["data_center"] == SandboxDataCenter.unitedStates.rawValue ? .unitedStates : .asia
    }

    private func page(status: Int, _ body: String) -> HTTPResponse {
        var response = HTTPResponse.text(
            "<!doctype html><meta charset=\"utf-8\"><title>Simulated Longbridge</title>\(body)\n", status: status)
        response.fields["Content-Type"] = "text/html; charset=utf-8"
        response.fields["Cache-Control"] = "no-store"
        return response
    }

    private func redirect(_ location: String) -> HTTPResponse {
        var response = HTTPResponse(status: 302)
        response.fields["Location"] = location
        return response
    }

    private static func html(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing("\"", with: "&quot;")
    }

    private static func escaped(_ text: String) -> String {
        text.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                String(UnicodeScalar(byte))
            default: "%" + Hex.encode([byte])
            }
        }.joined()
    }

    // MARK: Tokens

    private func token(_ request: HTTPRequest) -> HTTPReply {
        oauth.counters.tokenCalls += 1
        if let failure = oauthFaults.takeFailure() {
            var response = HTTPResponse.text("<html>busy</html>", status: failure.status)
            if let wait = failure.retryAfter { response.fields["Retry-After"] = String(wait) }
            return .ready(response)
        }
        let response: HTTPResponse
        do throws(SandboxOAuth.Refusal) {
            response = granted(try grant(form(request), at: SandboxDataCenter(calledBy: request.head)))
        } catch {
            return .ready(refused(error))
        }
        // What was granted has been granted; only the answer is lost or late.
        if oauthFaults.takeDrop() { return .hangUp }
        let delay = oauthFaults.delay
        guard delay > .zero else { return .ready(response) }
        return .pending {
            try? await sleep(for: delay)
            return response
        }
    }

    private func grant(
        _ form: [String: String], at center: SandboxDataCenter
    ) throws(SandboxOAuth.Refusal) -> SandboxOAuth.Grant {
        let (client, secret) = (form["client_id"], form["client_secret"])
        if let given = form["code"] ?? form["refresh_token"], SandboxDataCenter(of: given) != center {
            throw SandboxOAuth.Refusal("invalid_grant", "not of this data center")
        }
        switch form["grant_type"] {
        case "authorization_code":
            return try oauth.exchange(
                code: form["code"], clientID: client, secret: secret, redirectURI: form["redirect_uri"],
                verifier: form["code_verifier"], now: clock())
        case "refresh_token":
            return try oauth.refresh(form["refresh_token"], clientID: client, secret: secret, now: clock())
        case "urn:ietf:params:oauth:grant-type:device_code":
            return try oauth.poll(
                form["device_code"], clientID: client, secret: secret, at: center, now: clock())
        default: throw SandboxOAuth.Refusal("unsupported_grant_type", "unknown grant_type")
        }
    }

    private func granted(_ grant: SandboxOAuth.Grant) -> HTTPResponse {
        json { json in
            json.key("access_token")
            json.string(grant.access)
            json.key("refresh_token")
            json.string(grant.refresh)
            json.key("expires_in")
            json.int(grant.life)
            json.key("token_type")
            json.string("Bearer")
            json.key("scope")
            json.string(grant.scopes.joined(separator: " "))
        }
    }

    private func beginDevice(_ request: HTTPRequest) -> HTTPResponse {
        let form = form(request)
        do throws(SandboxOAuth.Refusal) {
            let begun = try oauth.beginDevice(
                clientID: form["client_id"], secret: form["client_secret"], now: clock())
            return json { json in
                json.key("device_code")
                json.string(begun.code)
                json.key("user_code")
                json.string(begun.device.userCode)
                json.key("verification_uri")
                json.string("\(httpURL)/oauth2/device")
                json.key("verification_uri_complete")
                json.string("\(httpURL)/oauth2/device?user_code=\(begun.device.userCode)")
                json.key("expires_in")
                json.int(300)
                json.key("interval")
                json.int(begun.device.interval)
            }
        } catch {
            return refused(error)
        }
    }
}
