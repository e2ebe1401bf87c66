import Bytes
import Clocks
import Cryptography
import OAuth
import Testing

@Suite struct AuthorizationServerTests {
    private static let base = "https://as.example"

    private static func read(_ json: String, base: String = base) throws -> AuthorizationServer {
        try AuthorizationServer(document: Array(json.utf8), base: base)
    }

    @Test func aDocumentIsRead() throws {
        let server = try Self.read(
            """
            {"issuer":"https://as.example","authorization_endpoint":"https://login.example/a","token_endpoint":\
            "https://as.example/t","revocation_endpoint":"https://as.example/r","registration_endpoint":\
            "https://as.example/g","device_authorization_endpoint":"https://as.example/d",\
            "authorization_response_iss_parameter_supported":true,"more":[1]}
            """)
        #expect(server.authorizationEndpoint == "https://login.example/a")
        #expect(server.tokenEndpoint == "https://as.example/t")
        #expect(server.deviceEndpoint == "https://as.example/d")
        #expect(server.revocationEndpoint == "https://as.example/r")
        #expect(server.registrationEndpoint == "https://as.example/g")
        #expect(server.sendsIssuer)
    }

    @Test func whatADocumentDoesNotOfferIsNotOfferedExceptTheDeviceGrant() throws {
        let server = try Self.read(
            #"{"authorization_endpoint":"https://as.example/a","token_endpoint":"https://as.example/t"}"#)
        #expect(server.revocationEndpoint == nil)
        #expect(server.registrationEndpoint == nil)
        #expect(server.deviceEndpoint == "https://as.example/oauth2/device/authorize")
        #expect(server.issuer == Self.base)
    }

    @Test(arguments: [
        #""token_endpoint":"https://evil.example/t""#, #""token_endpoint":"http://as.example/t""#,
        #""token_endpoint":"https://as.example:444/t""#,
        #""token_endpoint":"https://as.example/t","registration_endpoint":"https://evil.example/g""#,
        #""token_endpoint":"https://as.example/t","device_authorization_endpoint":"https://evil.example/g""#,
    ]) func tokensNeverGoToAnotherHost(members: String) {
        #expect(throws: AuthorizationServer.Mistake.foreignEndpoint) {
            try Self.read("{\"authorization_endpoint\":\"https://as.example/a\",\(members)}")
        }
    }

    @Test(arguments: [
        "", "[]", "{}", #"{"token_endpoint":"https://as.example/t"}"#,
        #"{"authorization_endpoint":"https://as.example/a"}"#,
        #"{"authorization_endpoint":"javascript:alert(1)","token_endpoint":"https://as.example/t"}"#,
        #"{"authorization_endpoint":"https://as.example/a","token_endpoint":"https://as.example@evil.example/t"}"#,
        #"{"authorization_endpoint":"https://as.example/a","token_endpoint":7}"#,
    ]) func aDocumentWithoutWhatIsNeededIsNotUsed(text: String) {
        #expect(throws: AuthorizationServer.Mistake.unreadable) { try Self.read(text) }
    }

    @Test func thePageForPeopleIsNotOpenedWithoutTLSOnAnotherHost() {
        #expect(throws: AuthorizationServer.Mistake.foreignEndpoint) {
            try Self.read(#"{"authorization_endpoint":"http://x.example/a","token_endpoint":"https://as.example/t"}"#)
        }
    }

    @Test func aRegistrationIsReadKeptAndReadAgain() throws {
        let body = """
            {"client_id":"3f0c","client_secret":"s3","registration_access_token":"rat_2",\
            "registration_client_uri":"https://as.example/register/3f0c"}
            """
        let client = try ClientRegistration(
            status: 201, body: Array(body.utf8), redirectURI: "http://localhost/oauth/callback")
        let again = try #require(ClientRegistration(stored: client.encoded()))
        for client in [client, again] {
            #expect(client.clientID == "3f0c")
            #expect(client.clientSecret?.matches(Array("s3".utf8)) == true)
            #expect(client.accessToken?.matches(Array("rat_2".utf8)) == true)
            #expect(client.redirectURIs == ["http://localhost/oauth/callback"])
            #expect(client.managementURL == "https://as.example/register/3f0c")
        }
        #expect(ClientRegistration(stored: [1]) == nil)
    }

    @Test func whatIsNoRegistrationIsRefused() {
        for (status, body) in [(200, "{}"), (200, "<html>"), (500, "x"), (201, #"{"client_id":"a b"}"#)] {
            #expect(throws: ClientRegistration.Mistake.unreadable) {
                try ClientRegistration(status: status, body: Array(body.utf8), redirectURI: "")
            }
        }
        #expect(throws: ClientRegistration.Mistake.refused("invalid_redirect_uri")) {
            try ClientRegistration(
                status: 400, body: Array(#"{"error":"invalid_redirect_uri"}"#.utf8), redirectURI: "")
        }
    }

    @Test func theRequestNamesOneCallbackAndNoSecret() throws {
        let json = try JSONValue.parse(ClientRegistration.request(name: "b", redirectURI: "http://x/cb", scope: ""))
        #expect(json["redirect_uris"]?.arrayValue?.compactMap(\.stringValue) == ["http://x/cb"])
        #expect(json["token_endpoint_auth_method"]?.stringValue == "none")
        #expect(json["scope"] == nil)
    }

    @Test func theVendorsTokenFileIsRead() throws {
        let file = """
            {
              "client_id": "3f0c2b5e",
              "access_token": "hk_m_eyJ.e30.c2ln",
              "refresh_token": "rt_9d41",
              "expires_at": 1772592000
            }
            """
        let pair = try #require(TokenPair(file: Array(file.utf8)))
        #expect(pair.access.matches(Array("hk_m_eyJ.e30.c2ln".utf8)))
        #expect(pair.refresh?.matches(Array("rt_9d41".utf8)) == true)
        #expect(pair.expires?.seconds == 1_772_592_000)
        #expect(pair.clientID == "3f0c2b5e")
        let kept = try #require(TokenPair.stored(pair.encoded(refusal: "no")))
        #expect(kept.pair.isSame(as: pair))
        #expect(kept.refusal == "no")
        #expect(kept.pair.origin == pair.origin)
        #expect(TokenPair.stored(Array(#"{"client_id":"c","access_token":""}"#.utf8)) == nil)
        let bare = try #require(TokenPair.stored(Array(#"{"access_token":"a","refresh_token":""}"#.utf8)))
        #expect(bare.pair.refresh == nil)
        let without = try #require(TokenPair(file: Array(#"{"access_token":"a","refresh_token":null}"#.utf8)))
        #expect(without.refresh == nil && without.expires == nil)
        #expect(!without.isSame(as: pair))
        for text in ["", "{}", #"{"access_token":"a\n"}"#] { #expect(TokenPair(file: Array(text.utf8)) == nil) }
    }
}
