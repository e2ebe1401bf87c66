import Bridge
import Bytes
import Cryptography
import Glibc
import TestSupport
import Testing

@testable import brokerbridge

extension TemporaryDirectory {
    fileprivate var state: String { file("state") }
}

/// The rights of a file, not followed; 0 if there is none.
private func mode(_ path: String) -> mode_t {
    var status = stat()
    return lstat(path, &status) == 0 ? status.st_mode & 0o7777 : 0
}

@Suite struct StateDirectoryTests {
    private func failure(_ path: String) -> CommandFailure? {
        do throws(CommandFailure) {
            try StateDirectory(opening: path).release()
            return nil
        } catch {
            return error
        }
    }

    @Test func aMissingFolderIsMadeForItsOwnerOnly() throws {
        let scratch = TemporaryDirectory()
        let state = try StateDirectory(opening: scratch.state)
        defer { state.release() }
        #expect(mode(scratch.state) == 0o700)
        #expect(mode("\(scratch.state)/lock") == 0o600)
    }

    @Test func aSecondOpenerIsToldWhoHoldsIt() throws {
        let scratch = TemporaryDirectory()
        let state = try StateDirectory(opening: scratch.state)
        #expect(
            failure(scratch.state)
                == CommandFailure(.temporary, "the state folder \(scratch.state) is in use by process \(getpid())"))
        state.release()
        #expect(failure(scratch.state) == nil)
    }

    @Test(arguments: [mode_t(0o755), 0o750, 0o707, 0o710])
    func aFolderThatOthersReachIsRefused(rights: mode_t) {
        let scratch = TemporaryDirectory()
        mkdir(scratch.state, 0o700)
        chmod(scratch.state, rights)
        let failure = failure(scratch.state)
        #expect(failure?.status == .cannotCreate)
        #expect(failure?.message.contains("chmod 700 \(scratch.state)") == true)
    }

    @Test func whatIsNoFolderOrHasNoParentIsRefusedByName() {
        let scratch = TemporaryDirectory()
        close(open(scratch.state, O_CREAT | O_WRONLY, 0o600))
        for path in [scratch.state, "\(scratch.path)/a/b", "/proc/brokerbridge"] {
            #expect(failure(path)?.status == .cannotCreate)
            #expect(failure(path)?.message.contains(path) == true)
        }
    }

    @Test func aLinkInPlaceOfTheLockIsNotFollowed() {
        let scratch = TemporaryDirectory()
        mkdir(scratch.state, 0o700)
        symlink("\(scratch.path)/elsewhere", "\(scratch.state)/lock")
        #expect(failure(scratch.state)?.status == .cannotCreate)
        #expect(mode("\(scratch.path)/elsewhere") == 0)
    }
}

@Suite struct ReadyFileTests {
    @Test func itSaysWhereAndHow() throws {
        let file = ReadyFile(
            url: "http://127.0.0.1:1", pid: 7, accounts: ["sandbox"], key: "bb_x",
            sandbox: [(name: "LONGBRIDGE_HTTP_URL", value: "http://127.0.0.1:2")])
        #expect(
            String(decoding: file.encoded, as: UTF8.self)
                == #"{"url":"http://127.0.0.1:1","pid":7,"accounts":["sandbox"],"key":"bb_x","#
                + #""sandbox":{"environment":{"LONGBRIDGE_HTTP_URL":"http://127.0.0.1:2"}}}"# + "\n")
        _ = try JSONValue.parse(Array(ReadyFile(url: "\"", pid: 1, accounts: []).encoded.dropLast()))
    }

    @Test func itReplacesAnOlderOneWholeAndIsPrivate() throws {
        let scratch = TemporaryDirectory()
        let path = "\(scratch.path)/ready"
        close(open(path, O_CREAT | O_WRONLY, 0o644))
        try ReadyFile(url: "u", pid: getpid(), accounts: []).write(to: path)
        #expect(mode(path) == 0o600)
        var status = stat()
        #expect(stat(path, &status) == 0 && status.st_size > 0)
        ReadyFile.remove(path)
        #expect(access(path, F_OK) != 0)
    }

    @Test func aPlaceThatCannotBeWrittenIsNamed() {
        #expect {
            try ReadyFile(url: "u", pid: 1, accounts: []).write(to: "/nowhere/ready")
        } throws: { error in
            (error as? CommandFailure)?.message
                == "cannot write the ready file /nowhere/ready: no such file or directory"
        }
    }
}

@Suite struct KeyCreateCommandTests {
    @Test func whatIsPrintedIsAcceptedByTheConfiguration() throws {
        let key = APIKey.generate()
        let options = Command.KeyOptions(name: "n", scopes: [.marketRead, .tradeCancel], accounts: [])
        let text = KeyCreateCommand.text(options, key: key)
        #expect(key.secret.withBytes { text.contains(String(decoding: $0, as: UTF8.self)) })
        let lines = text.split(separator: "\n").drop { !$0.hasPrefix("  - name") }.joined(separator: "\n")
        let scratch = TemporaryDirectory()
        let path = scratch.write("bridge.yaml", Array("keys:\n\(lines)\n".utf8))
        let read = try Configuration.load(file: path, environment: [:], demand: .sandbox).keys
        #expect(
            read == [
                KeyConfiguration(
                    name: "n", hash: KeyHash(of: key), scopes: [.marketRead, .tradeCancel], accounts: .all)
            ])
    }
}
