import { afterEach, describe, expect, it } from 'vitest'
import { DuplexCarrier } from '../../sim/board/duplex.ts'
import { LinkEndpoint } from '../../sim/board/link-endpoint.ts'
import { PacedCarrier } from '../../sim/board/paced-carrier.ts'
import { VirtualClock } from '../../sim/board/virtual-clock.ts'
import { GemgateError } from '../../src/core/errors.ts'
import type { Carrier, CarrierListener } from '../../src/link/carrier.ts'
import { Alarm, type LinkClock, systemClock } from '../../src/link/clock.ts'
import type { Framing } from '../../src/link/framer.ts'
import type { LinkOptions } from '../../src/link/options.ts'
import { writeRecordHeader } from '../../src/link/records.ts'
import { LinkSession } from '../../src/link/session.ts'
import { TestTarget } from './test-target.ts'

const open: LinkSession[] = []
afterEach(async () => {
  for (const session of open.splice(0)) await session.close()
})

async function connect(framing: Framing, options: LinkOptions = {}, target = new TestTarget()) {
  const large = framing === 'records'
  const endpoint = new LinkEndpoint(target, {
    framing,
    registers: target.registers.length,
    maximumPayload: large ? 4080 : 500,
    slots: large ? 16 : 4,
    transmitSlots: large ? 16 : 4,
    schema: 0x1234,
    build: 77n,
    clock: 12_000_000,
  })
  const session = await LinkSession.open(new DuplexCarrier(endpoint), options)
  open.push(session)
  return { target, endpoint, session }
}

function ramp(length: number, step = 7): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => i * step)
}

/** A carrier to nobody, whose other end the test plays. */
class DeadCarrier implements Carrier {
  readonly name = 'nobody'
  readonly framing = 'bytes'
  readonly written: Uint8Array[] = []
  listener: CarrierListener | undefined
  closed = 0
  stuck = false
  listen(listener: CarrierListener): void {
    this.listener = listener
  }
  write(bytes: Uint8Array): Promise<void> {
    this.written.push(bytes)
    return this.stuck ? new Promise(() => {}) : Promise.resolve()
  }
  async [Symbol.asyncDispose](): Promise<void> {
    this.closed++
  }
}

it('brings a device back that waits for the rest of a record with a damaged length', async () => {
  const target = new TestTarget()
  const endpoint = new LinkEndpoint(target, { framing: 'records', registers: 64, maximumPayload: 4080 })
  const header = new Uint8Array(8)
  writeRecordHeader(4092, header)
  endpoint.receive(header)
  const session = await LinkSession.open(new DuplexCarrier(endpoint))
  open.push(session)
  await session.write(3, [42])
  // The same on the way to the host: what is left of the record would take dozens of answers.
  const half = header.slice()
  const transmit = endpoint.transmit.bind(endpoint)
  let damaged = false
  endpoint.transmit = () => {
    if (damaged) return transmit()
    damaged = true
    return half
  }
  expect(await session.read(3)).toEqual(Uint32Array.of(42))
})

describe.each(['bytes', 'records'] as const)('a session over %s', (framing) => {
  it('knows what the device says of itself', async () => {
    const { session } = await connect(framing)
    expect(session.device).toMatchObject({ version: 1, registers: 64, schema: 0x1234, build: 77n })
  })

  it('writes and reads lists of registers that are longer than a frame, in order', async () => {
    const target = new TestTarget(3000)
    const { session } = await connect(framing, {}, target)
    const words = Uint32Array.from({ length: 2500 }, (_, i) => (i * 0x9e3779b1) >>> 0)
    await session.write(100, words)
    expect(await session.read(100, 2500)).toEqual(words)
    expect(target.writes.map(([address]) => address)).toEqual(Array.from(words, (_, i) => 100 + i))
    await session.pulse(7, words)
    expect(target.writes.slice(2500)).toEqual(Array.from(words, (word) => [7, word]))
  })

  it('keeps the lists of several callers apart', async () => {
    const target = new TestTarget(1000)
    const { session } = await connect(framing, {}, target)
    await Promise.all([1, 2, 3].map((n) => session.pulse(n, new Uint32Array(1500).fill(n))))
    expect(target.writes.map(([address]) => address)).toEqual(
      [1, 2, 3].flatMap((n) => Array.from({ length: 1500 }, () => n)),
    )
  })

  it('refuses addresses and words that cannot be, and goes on', async () => {
    const { session, target } = await connect(framing)
    const refused = { code: 'GG_REGISTER' }
    for (const [address, count] of [
      [64, 1],
      [-1, 1],
      [60, 5],
      [0.5, 1],
      [0, 0],
      [0, -1],
      [Number.NaN, 1],
    ] as const)
      await expect(session.read(address, count)).rejects.toMatchObject(refused)
    await expect(session.write(63, [1, 2])).rejects.toMatchObject(refused)
    await expect(session.pulse(64, [1])).rejects.toMatchObject(refused)
    for (const word of [-1, 2 ** 32, 1.5, Number.NaN])
      await expect(session.write(0, [word])).rejects.toMatchObject(refused)
    expect(target.writes).toEqual([])
    await session.write(0, [2 ** 32 - 1])
    expect(await session.read(0)).toEqual(Uint32Array.of(2 ** 32 - 1))
  })

  it('sends bytes in order and resolves when the device has all of them', async () => {
    const { session, target } = await connect(framing)
    const parts = [ramp(10_000), ramp(1, 3), ramp(0), ramp(4080, 5), ramp(501, 11)]
    await Promise.all(parts.map((part) => session.send(part)))
    expect(Buffer.from(target.pixels).equals(Buffer.concat(parts))).toBe(true)
    expect(session.statistics().pixelBytes).toBe(10_000 + 1 + 4080 + 501)
  })

  it('waits while the device is busy', async () => {
    const { session, target, endpoint } = await connect(framing, { minimumTimeout: 2 })
    target.room = 1000
    let done = false
    const sent = session.send(ramp(100_000)).then(() => {
      done = true
    })
    while (target.pixels.length < 1000) await new Promise((resolve) => setImmediate(resolve))
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(done).toBe(false)
    expect(target.pixels).toHaveLength(1000)
    target.room = Number.POSITIVE_INFINITY
    endpoint.advance()
    await sent
    expect(Buffer.from(target.pixels).equals(Buffer.from(ramp(100_000)))).toBe(true)
  })

  it('receives whole messages of any length, each by one reader', async () => {
    const { session, target, endpoint } = await connect(framing)
    const messages = [1, 499, 500, 501, 4080, 4081, 30_000].map((length, i) => ramp(length, 2 * i + 1))
    const got: Uint8Array[] = []
    const readers = [session.receive(), session.receive()].map(async (reader) => {
      for await (const message of reader) got.push(message)
    })
    target.messages.push(...messages)
    endpoint.advance()
    while (got.length < messages.length) await new Promise((resolve) => setImmediate(resolve))
    expect(got.map((message) => message.length)).toEqual(messages.map((message) => message.length))
    for (const [i, message] of got.entries()) expect(Buffer.from(message).equals(messages[i]!)).toBe(true)
    await session.close()
    await Promise.all(readers)
  })

  it('holds the device up when nobody reads, and loses nothing', async () => {
    const { session, target, endpoint } = await connect(framing, { receiveBuffer: 20_000 })
    const messages = Array.from({ length: 100 }, (_, i) => ramp(5000, i))
    target.messages.push(...messages)
    endpoint.advance()
    await new Promise((resolve) => setTimeout(resolve, 30))
    const window = framing === 'records' ? 64 * 4080 : 6 * 500
    expect(session.statistics().eventBytes).toBeLessThan(20_000 + 5000 + window)
    let n = 0
    for await (const message of session.receive()) {
      expect(Buffer.from(message).equals(messages[n]!)).toBe(true)
      if (++n === messages.length) break
    }
  })

  it('restarts with empty streams on both sides; readers go on, senders hear of it', async () => {
    const { session, target, endpoint } = await connect(framing)
    await session.write(5, [55])
    target.messages.push(ramp(100), ramp(50_000))
    target.room = 10
    const reader = session.receive()
    const sent = session.send(ramp(90_000))
    const failed = expect(sent).rejects.toMatchObject({ code: 'GG_CLOSED' })
    await new Promise((resolve) => setTimeout(resolve, 10))
    await session.restart()
    await failed
    expect(target.sessions).toBe(2)
    expect(await session.read(5)).toEqual(Uint32Array.of(55))
    target.pixels.length = 0
    target.room = Number.POSITIVE_INFINITY
    await session.send(ramp(3000))
    expect(Buffer.from(target.pixels).equals(Buffer.from(ramp(3000)))).toBe(true)
    target.messages.push(ramp(33, 9))
    endpoint.advance()
    expect((await reader.next()).value).toEqual(ramp(33, 9))
  })

  it('takes abort signals while sending and while receiving', async () => {
    const { session, target } = await connect(framing)
    const aborted = AbortSignal.abort(new Error('never'))
    await expect(session.send(ramp(10), { signal: aborted })).rejects.toThrow('never')
    await expect(session.receive({ signal: aborted }).next()).rejects.toThrow('never')
    target.room = 0
    const controller = new AbortController()
    const sending = expect(session.send(ramp(90_000), { signal: controller.signal })).rejects.toThrow(
      'enough',
    )
    const receiving = expect(session.receive({ signal: controller.signal }).next()).rejects.toThrow('enough')
    await session.read(0)
    controller.abort(new Error('enough'))
    await sending
    await receiving
    await session.restart()
    target.room = Number.POSITIVE_INFINITY
    await session.send(ramp(10))
    expect(target.pixels).toEqual([...ramp(10)])
  })

  it('tells when the device has lost its session, and begins another one on request', async () => {
    const { session, endpoint, target } = await connect(framing)
    endpoint.reset()
    const reader = session.receive()
    await expect(session.read(0)).rejects.toMatchObject({ code: 'GG_LINK_RESET' })
    await expect(session.send(ramp(3))).rejects.toMatchObject({ code: 'GG_LINK_RESET' })
    await expect(reader.next()).rejects.toMatchObject({ code: 'GG_LINK_RESET' })
    await session.restart()
    await session.send(ramp(3))
    expect(target.pixels).toEqual([...ramp(3)])
    expect((await session.deviceStatistics()).sessions).toBe(1)
  })

  it('rejects what was called before a restart of a session that had ended, and restarts', async () => {
    const { session, endpoint } = await connect(framing)
    const sessionLost = { code: 'GG_LINK_RESET' }
    endpoint.reset()
    await expect(session.read(0)).rejects.toMatchObject(sessionLost)
    const before = expect(session.read(0)).rejects.toMatchObject(sessionLost)
    const restarting = session.restart()
    const meanwhile = expect(session.read(0)).rejects.toMatchObject(sessionLost)
    expect(await restarting).toMatchObject(sessionLost)
    await before
    await meanwhile
    expect((await session.read(0)).length).toBe(1)
    expect(await session.restart()).toBe(undefined)
  })

  it('rejects what was queued when the session ends before its turn, also around a restart', async () => {
    const { session, endpoint, target } = await connect(framing)
    endpoint.reset()
    const calls = Array.from({ length: 5 }, (_, i) => session.write(i, [1]).catch((error) => error.code))
    const restarting = session.restart()
    const after = session.write(9, [1]).catch((error) => error.code)
    expect(await Promise.all([...calls, after])).toEqual(Array(6).fill('GG_LINK_RESET'))
    await restarting
    expect(target.writes).toEqual([])
  })

  it('closes: what waits is rejected, readers end, later calls are refused', async () => {
    const { session, target } = await connect(framing)
    target.room = 0
    const sending = expect(session.send(ramp(90_000))).rejects.toMatchObject({ code: 'GG_CLOSED' })
    const reading = session.receive().next()
    await session.close()
    await sending
    expect(await reading).toEqual({ value: undefined, done: true })
    await expect(session.read(0)).rejects.toMatchObject({ code: 'GG_CLOSED' })
    await expect(session.restart()).rejects.toMatchObject({ code: 'GG_CLOSED' })
    await session.close()
  })
})

describe('a session that cannot be', () => {
  it('is refused for another register table or version, before any other access', async () => {
    const target = new TestTarget()
    const carrier = () =>
      new DuplexCarrier(new LinkEndpoint(target, { framing: 'bytes', registers: 64, schema: 5 }))
    await expect(LinkSession.open(carrier(), { schema: 6 })).rejects.toMatchObject({
      code: 'GG_LINK_PROTOCOL',
    })
    expect(target.writes).toEqual([])
    const session = await LinkSession.open(carrier(), { schema: 5 })
    await session.close()
  })

  it('is refused for options that cannot be', async () => {
    const carrier = new DeadCarrier()
    for (const options of [
      { window: 0 },
      { window: 1.5 },
      { keepAlive: 0 },
      { minimumTimeout: Number.NaN },
      { retries: -1 },
    ])
      await expect(LinkSession.open(carrier, options)).rejects.toMatchObject({ code: 'GG_USAGE' })
    expect(carrier.closed).toBe(5)
  })

  it('times out when nothing answers, closes the carrier and leaves no timer', async () => {
    const clock = new VirtualClock()
    const carrier = new DeadCarrier()
    const opened = LinkSession.open(carrier, { clock })
    await expect(clock.run(opened, 5000)).rejects.toMatchObject({ code: 'GG_LINK_TIMEOUT' })
    expect(carrier.written).toHaveLength(5)
    expect(carrier.closed).toBe(1)
    expect(clock.pending).toBe(0)
  })

  it('times out when the carrier takes nothing', async () => {
    const clock = new VirtualClock()
    const carrier = new DeadCarrier()
    carrier.stuck = true
    await expect(clock.run(LinkSession.open(carrier, { clock }), 10_000)).rejects.toMatchObject({
      code: 'GG_LINK_TIMEOUT',
    })
    expect(clock.pending).toBe(0)
  })

  it('tells why the carrier is gone when it is restarted, whatever ended the session', async () => {
    const clock = new VirtualClock()
    const endpoint = new LinkEndpoint(new TestTarget(), { framing: 'bytes', registers: 64 })
    const line = new DuplexCarrier(endpoint, { clock })
    let unplug = (_error: GemgateError): void => {}
    const listen = line.listen.bind(line)
    line.listen = (listener) => {
      unplug = (error) => listener.lost(error)
      listen(listener)
    }
    const session = await clock.run(LinkSession.open(line, { clock }))
    endpoint.receive = () => {}
    await expect(clock.run(session.read(0))).rejects.toMatchObject({ code: 'GG_LINK_TIMEOUT' })
    unplug(new GemgateError('GG_LINK_LOST', 'unplugged', 'Plug it in.'))
    await expect(clock.run(session.restart())).rejects.toMatchObject({ code: 'GG_LINK_LOST' })
    await session.close()
  })

  it('closes its carrier once', async () => {
    const clock = new VirtualClock()
    const endpoint = new LinkEndpoint(new TestTarget(), { framing: 'bytes', registers: 64 })
    const line = new DuplexCarrier(endpoint, { clock })
    let closed = 0
    const dispose = line[Symbol.asyncDispose].bind(line)
    line[Symbol.asyncDispose] = () => {
      closed++
      return dispose()
    }
    const session = await clock.run(LinkSession.open(line, { clock }))
    await Promise.all([session.close(), session.close()])
    await session.close()
    expect(closed).toBe(1)
    await expect(session.restart()).rejects.toMatchObject({ code: 'GG_CLOSED' })
  })

  it('waits as long as it is told, beyond what timers of the system can', async () => {
    let rung = 0
    const clock: LinkClock = {
      ...systemClock,
      after: (delay, action) =>
        systemClock.after(delay, () => {
          rung++
          action()
        }),
    }
    const alarm = new Alarm(clock, () => {})
    alarm.set(1e10)
    await new Promise((resolve) => setTimeout(resolve, 30))
    alarm.cancel()
    expect(rung).toBe(0)
  })

  it('ends with the error of the carrier', async () => {
    const carrier = new DeadCarrier()
    const opened = expect(LinkSession.open(carrier)).rejects.toMatchObject({ code: 'GG_LINK_LOST' })
    carrier.listener!.lost(new GemgateError('GG_LINK_LOST', 'unplugged', 'Plug it in.'))
    await opened
  })
})

describe('a device that falls silent', () => {
  async function silenced() {
    const clock = new VirtualClock()
    const target = new TestTarget()
    const endpoint = new LinkEndpoint(target, { framing: 'bytes', registers: 64 })
    const session = await clock.run(LinkSession.open(new DuplexCarrier(endpoint, { clock }), { clock }))
    return { clock, session, endpoint, target }
  }

  it('is kept alive as long as it answers', async () => {
    const { clock, session } = await silenced()
    await clock.run(new Promise<void>((resolve) => clock.after(60_000, resolve)))
    expect((await clock.run(session.read(0))).length).toBe(1)
    await session.close()
    expect(clock.pending).toBe(0)
  })

  it('is lost within two seconds even when nobody calls', async () => {
    const { clock, session, endpoint } = await silenced()
    endpoint.receive = () => {}
    const reading = session.receive().next()
    await expect(clock.run(reading, 2000)).rejects.toMatchObject({ code: 'GG_LINK_LOST' })
    await expect(session.read(0)).rejects.toMatchObject({ code: 'GG_LINK_LOST' })
    expect(clock.pending).toBe(0)
  })

  it('lets a request time out', async () => {
    const { clock, session, endpoint } = await silenced()
    endpoint.receive = () => {}
    const calls = [session.read(0), session.write(1, [2]), session.send(ramp(10))]
    const codes = calls.map((call) => expect(call).rejects.toMatchObject({ code: 'GG_LINK_TIMEOUT' }))
    await clock.run(Promise.all(codes), 3000)
    expect(clock.pending).toBe(0)
  })
})

describe('on a paced line', () => {
  it.each([
    [3_000_000, 1],
    [115_200, 1],
    [115_200, 16],
    [12_000_000, 0.2],
  ])('of %d baud with %d ms latency the wire is busy and nothing is repeated', async (baud, latency) => {
    const clock = new VirtualClock()
    const target = new TestTarget()
    const slots = baud * latency > 1_000_000 && baud < 3_000_000 ? 8 : 4
    const endpoint = new LinkEndpoint(target, { framing: 'bytes', registers: 64, slots })
    const line = new PacedCarrier(new DuplexCarrier(endpoint, { clock }), {
      bytesPerSecond: baud / 10,
      latency,
      clock,
    })
    const session = await clock.run(LinkSession.open(line, { clock }))
    const data = ramp(100_000, 7)
    const began = clock.now()
    const sending = session.send(data)
    const registers = (async () => {
      for (let i = 0; i < 20; i++) await session.read(0, 4)
    })()
    await clock.run(Promise.all([sending, registers]))
    const seconds = (clock.now() - began) / 1000
    // A full frame is 500 bytes of payload in 514, and 2 of 256 bytes are escaped.
    expect(data.length / seconds).toBeGreaterThan((0.95 * (500 / 514) * baud) / 10)
    expect(session.statistics().framesResent).toBe(0)
    expect(Buffer.from(target.pixels).equals(data)).toBe(true)
    await session.close()
  })
})
