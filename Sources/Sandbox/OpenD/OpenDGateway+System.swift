internal import Bytes
internal import Clocks
internal import Cryptography
internal import OpenDWire
internal import Protobuf

/// The gateway itself: sessions, heartbeats, its state and its user.
extension OpenDGateway {
    /// What a connection agreed on.
    struct Session {
        var answer: OpenD.InitConnect.S2C
        var cipher: BodyCipher
    }

    /// Opens a session: which cipher follows, and the key for it.
    func session(_ c2s: OpenD.InitConnect.C2S, _ client: GatewayConnection) throws(GatewayRefusal) -> Session {
        guard let wanted = BodyCipher.Algorithm(rawValue: c2s.packetEncAlgo ?? 0),
            (0...1).contains(c2s.pushProtoFmt ?? 0)
        else { throw .invalid("packetEncAlgo or pushProtoFmt") }
        let algorithm = client.isSealed ? wanted : .none
        var answer = OpenD.InitConnect.S2C()
        answer.serverVer = OpenDGateway.version
        answer.loginUserID = OpenDGateway.user
        answer.connID = client.id
        answer.connAESKey = Hex.encode(SecureRandom.bytes(8)).uppercased()
        answer.keepAliveInterval = Int32(clamping: limits.keepAliveInterval.components.seconds)
        if algorithm == .chained { answer.aesCBCiv = Hex.encode(SecureRandom.bytes(8)).uppercased() }
        answer.userAttribution = 1
        guard
            let cipher = BodyCipher.negotiated(algorithm, key: answer.connAESKey, vector: answer.aesCBCiv)
        else { throw .invalid("packetEncAlgo") }
        return Session(answer: answer, cipher: cipher)
    }

    func answerSystem(_ request: GatewayRequest, _ client: GatewayConnection) throws(GatewayRefusal) -> (any Message)? {
        switch request.id {
        case 1002: return globalState(try request.read(), client)
        case 1004:
            let _: OpenD.KeepAlive.C2S = try request.read()
            client.lived()
            var answer = OpenD.KeepAlive.S2C()
            answer.time = WallTime.now().seconds
            return answer
        case 1005: return userInfo(try request.read())
        case 1006: return try verify(try request.read())
        case 1007:
            let _: OpenD.GetDelayStatistics.C2S = try request.read()
            return OpenD.GetDelayStatistics.S2C()
        default: throw .unsupported
        }
    }

    private func globalState(_: OpenD.GetGlobalState.C2S, _ client: GatewayConnection) -> OpenD.GetGlobalState.S2C {
        var state = OpenD.GetGlobalState.S2C()
        state.marketHK = marketState(.hongKong)
        state.marketUS = marketState(.unitedStates)
        state.marketSH = marketState(.mainland)
        state.marketSZ = state.marketSH
        state.marketHKFuture = marketState(.hongKong, isFuture: true)
        state.marketSG = marketState(.singapore)
        state.qotLogined = login.isReady
        state.trdLogined = login.isReady
        state.serverVer = OpenDGateway.version
        state.serverBuildNo = OpenDGateway.build
        state.time = now.seconds
        state.localTime = GatewayTime.stamp(.now())
        state.programStatus = programStatus
        state.connID = client.id
        return state
    }

    private var programStatus: OpenD.Common.ProgramStatus {
        var status = OpenD.Common.ProgramStatus()
        let number: Int32 =
            switch login {
            case .ready: 10
            case .out: 2
            case .needsPhoneCode: 4
            case .kicked: 11
            }
        status.type = OpenD.Common.ProgramStatusType(rawValue: number)
        return status
    }

    private func userInfo(_ c2s: OpenD.GetUserInfo.C2S) -> OpenD.GetUserInfo.S2C {
        let wanted = c2s.flag ?? .max
        var info = OpenD.GetUserInfo.S2C()
        if wanted & 1 != 0 {
            info.nickName = "Sandbox"
            info.avatarUrl = ""
            info.userID = Int64(OpenDGateway.user)
            info.userAttribution = 1
        }
        if wanted & 2 != 0 {
            info.apiLevel = "Lv3"
            info.subQuota = Int32(clamping: limits.subscriptionQuota)
            info.historyKLQuota = Int32(clamping: limits.historyQuota)
        }
        if wanted & 4 != 0 {
            info.hkQotRight = 3
            info.usQotRight = 3
            info.cnQotRight = 2
            info.hkOptionQotRight = 5
            info.hasUSOptionQotRight = true
            info.hkFutureQotRight = 3
            info.usFutureQotRight = 5
            info.usOptionQotRight = 2
            info.shQotRight = 2
            info.szQotRight = 2
            info.sgStockQotRight = 2
        }
        if wanted & 8 != 0 { info.isNeedAgreeDisclaimer = false }
        if wanted & 16 != 0 { info.updateType = 0 }
        return info
    }

    /// The code of the telephone logs in: any six digits.
    private func verify(_ c2s: OpenD.Verification.C2S) throws(GatewayRefusal) -> OpenD.Verification.S2C {
        guard login == .needsPhoneCode else { throw GatewayRefusal("No verification code is needed") }
        // 1 asks for a new code, 2 brings one.
        if c2s.op == 2 {
            guard let code = c2s.code, code.count == 6, code.allSatisfy(\.isNumber) else {
                throw GatewayRefusal("The verification code is wrong")
            }
            login = .ready
        }
        return OpenD.Verification.S2C()
    }

    // MARK: Notices

    /// What a gateway may tell a new connection.
    func greet(_ client: GatewayConnection) {
        guard client.receivesNotices else { return }
        client.push(1003, connectStatus)
        var quota = OpenD.Notify.S2C()
        quota.type = 6
        var numbers = OpenD.Notify.APIQuota()
        numbers.subQuota = Int32(clamping: limits.subscriptionQuota)
        numbers.historyKLQuota = Int32(clamping: limits.historyQuota)
        quota.apiQuota = numbers
        client.push(1003, quota)
    }

    private var connectStatus: OpenD.Notify.S2C {
        var notice = OpenD.Notify.S2C()
        notice.type = 3
        var status = OpenD.Notify.ConnectStatus()
        status.qotLogined = login.isReady
        status.trdLogined = login.isReady
        notice.connectStatus = status
        return notice
    }

    /// Tells why, how the program stands, and whether it is connected.
    func announceLogin() {
        let event: (type: Int32, text: String)? =
            switch login {
            case .ready, .out: nil
            case .needsPhoneCode: (11, "A verification code was sent to the telephone")
            case .kicked: (7, "Another terminal has logged in")
            }
        if let event {
            var notice = OpenD.Notify.S2C()
            notice.type = 1
            var happened = OpenD.Notify.GtwEvent()
            happened.eventType = event.type
            happened.desc = event.text
            notice.event = happened
            notify(notice)
        }
        var notice = OpenD.Notify.S2C()
        notice.type = 2
        var status = OpenD.Notify.ProgramStatus()
        status.programStatus = programStatus
        notice.programStatus = status
        notify(notice)
        notify(connectStatus)
    }
}
