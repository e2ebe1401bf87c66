internal import CLibevent
internal import Glibc

// From the kernel to the handler.
extension Connection {
    /// Stops calling the handler with bytes, and reading from the kernel. The peer's end is not noticed while paused.
    public func pauseReading() {
        guard !isReadPaused else { return }
        isReadPaused = true
        setReading(false)
    }

    /// Goes on after ``pauseReading()``; bytes that were read already are delivered in the loop's next turn.
    public func resumeReading() {
        guard isReadPaused else { return }
        isReadPaused = false
        guard hasStartedReading, isOpen else { return }
        if !hasPeerEnded { setReading(true) }
        if readEvent == nil || hasPeerEnded { deliverLater() }
    }

    func startReading() {
        guard !hasStartedReading, isOpen else { return }
        hasStartedReading = true
        if !isReadPaused { setReading(true) }
    }

    func setReading(_ isOn: Bool) {
        if let readEvent {
            _ = isOn ? event_add(readEvent, nil) : event_del(readEvent)
        } else if let bufferEvent {
            _ =
                isOn
                ? bufferevent_enable(bufferEvent, Int16(EV_READ)) : bufferevent_disable(bufferEvent, Int16(EV_READ))
        }
    }

    /// Reads what a plain socket has and hands it over; a few pieces at most, so that others have their turn.
    func receive() {
        for _ in 0..<4 {
            let count = recv(descriptor, Connection.input.baseAddress, Connection.input.count, Int32(MSG_DONTWAIT))
            if count < 0 {
                let code = errno
                guard code != EAGAIN, code != EINTR else { return }
                return finish(.error(systemErrorText(code)))
            }
            guard count > 0 else {
                hasPeerEnded = true
                setReading(false)
                return peerEnded()
            }
            // What comes behind the end of our side is thrown away.
            if isOpen, let handler {
                isDelivering = true
                handler.connectionReceived(self, UnsafeRawBufferPointer(rebasing: Connection.input[..<count]))
                isDelivering = false
                if mustRelease { return release() }
            }
            guard count == Connection.input.count, !isReadPaused, readEvent != nil else { return }
        }
    }

    private func deliverLater() {
        guard !isDeliveryDue else { return }
        isDeliveryDue = true
        EventLoop.main.execute { [self] in
            isDeliveryDue = false
            deliver()
        }
    }

    func deliver() {
        guard let bufferEvent, !isDelivering else { return }
        let input = bufferevent_get_input(bufferEvent)
        guard isOpen else {
            evbuffer_drain(input, evbuffer_get_length(input))
            return
        }
        isDelivering = true
        while isOpen, !isReadPaused, let handler {
            let count = evbuffer_get_contiguous_space(input)
            guard count > 0, let bytes = evbuffer_pullup(input, count) else { break }
            handler.connectionReceived(self, UnsafeRawBufferPointer(start: bytes, count: count))
            evbuffer_drain(input, count)
        }
        isDelivering = false
        if mustRelease { release() }
        if hasPeerEnded, isOpen, !isReadPaused, evbuffer_get_length(input) == 0 { peerEnded() }
    }
}
