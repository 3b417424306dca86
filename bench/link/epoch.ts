import type { VirtualClock } from '../../sim/board/virtual-clock.ts'
import { GemgateError } from '../../src/core/errors.ts'
import type { Random } from '../../src/core/random.ts'
import type { LinkSession } from '../../src/link/session.ts'
import {
  type CampaignLogic,
  campaignMessage,
  campaignRegisters,
  messageHeader,
  ticketRegister,
} from './campaign-logic.ts'
import type { WriteLog } from './write-log.ts'

/** What the host's side of a campaign knows. */
export interface HostRecord {
  readonly writes: WriteLog
  readonly epochs: Epoch[]
  hangs: number
  /** Register accesses that gave what they must not. */
  mistakes: number
  lost: number
  duplicated: number
  registersRead: number
  readonly tickets: { next: number; uncertain: number }
  readonly errors: Record<string, number>
}

export interface EpochContext {
  readonly session: LinkSession
  readonly logic: CampaignLogic
  readonly clock: VirtualClock
  readonly record: HostRecord
  readonly random: Random
}

/** Milliseconds after which a call counts as hanging. */
const patience = 60_000

/** What the call gives; when it hangs that is counted, and GG_LINK_TIMEOUT thrown in its place. */
export async function within<T>(clock: VirtualClock, record: HostRecord, call: Promise<T>): Promise<T> {
  let cancel = (): void => {}
  const late = new Promise<never>((_, reject) => {
    cancel = clock.after(patience, () => {
      record.hangs++
      reject(new GemgateError('GG_LINK_TIMEOUT', 'a call hangs', 'This is a defect of the host.'))
    })
  })
  try {
    return await Promise.race([call, late])
  } finally {
    cancel()
  }
}

/** Whether the session could be begun anew; a typed error is counted. */
export async function restarted(
  session: LinkSession,
  clock: VirtualClock,
  record: HostRecord,
): Promise<boolean> {
  try {
    await within(clock, record, session.restart())
    return true
  } catch (error) {
    countError(record, error)
    return false
  }
}

/** Throws what is not a typed error of the link: that is a defect of the host. */
export function countError(record: HostRecord, error: unknown): void {
  if (!(error instanceof GemgateError) || !(error.code.startsWith('GG_LINK_') || error.code === 'GG_CLOSED'))
    throw error
  record.errors[error.code] = (record.errors[error.code] ?? 0) + 1
}

/** Traffic of all kinds between one HELLO and the next. */
export class Epoch {
  sent = 0
  received = 0
  died = false
  readonly #context: EpochContext
  readonly #number: number
  readonly #lengths: number[] = []
  #acknowledged = 0
  #eventSession: number | undefined

  constructor(context: EpochContext) {
    this.#context = context
    this.#number = context.record.epochs.push(this)
  }

  /** Says whether it ended with a restart of the session, in the middle of its traffic. */
  async run(): Promise<boolean> {
    const { session, random, clock } = this.#context
    let restarting: Promise<boolean> | undefined
    const interruption = clock.after(random.uniform() < 0.2 ? 200 * random.uniform() : patience, () => {
      if (this.died) return
      this.died = true
      restarting = restarted(session, clock, this.#context.record)
    })
    const over = new AbortController()
    const reading = this.#guard(this.#read(over.signal))
    const calls = 5 + random.integer(40)
    await Promise.all([this.#guard(this.#registers(calls)), this.#guard(this.#send(calls))])
    if (!this.died) await this.#drain()
    over.abort(new GemgateError('GG_CLOSED', 'the epoch is over', 'Begin another one.'))
    await reading
    if (random.uniform() < 0.3 && !this.died) await this.#guard(session.deviceStatistics())
    interruption()
    return restarting ?? false
  }

  /** Acknowledged messages that did not arrive, beside those that waited in the slots when the session ended. */
  missing(slotBytes: number): number {
    const arrived = this.#context.logic.arrived.get(this.#number) ?? 0
    let missing = Math.max(0, this.#acknowledged - arrived)
    let bytes = 0
    if (this.#context.logic.heldUp.has(this.#number))
      for (let i = this.#acknowledged - 1; i >= arrived && bytes < slotBytes; i--) {
        bytes += this.#lengths[i]!
        missing--
      }
    return missing
  }

  /** A typed error ends the epoch; a call that does not end is counted and given up. */
  async #guard(task: Promise<unknown>): Promise<void> {
    try {
      await task
    } catch (error) {
      if (error instanceof GemgateError && error.code === 'GG_CLOSED') return
      // No access of a campaign is out of range.
      if (error instanceof GemgateError && error.code === 'GG_REGISTER') this.#context.record.mistakes++
      else if (!this.died) countError(this.#context.record, error)
      else if (!(error instanceof GemgateError)) throw error
      this.died = true
    }
  }

  #within<T>(call: Promise<T>): Promise<T> {
    const { clock, record } = this.#context
    return within(clock, record, call)
  }

  async #registers(calls: number): Promise<void> {
    const { session, random, record } = this.#context
    for (let n = 0; n < calls && !this.died; n++) {
      const kind = random.integer(4)
      if (kind === 0) await this.#ticket()
      else if (kind === 1)
        await this.#write('pulse', 1 + random.integer(campaignRegisters - 1), random.integer(300))
      else {
        const address = 1 + random.integer(campaignRegisters - 1)
        const values = await this.#write('write', address, random.integer(campaignRegisters - address))
        if (kind === 2 || values.length === 0) continue
        const words = await this.#within(session.read(address, values.length))
        record.registersRead += words.length
        // After an interruption the device may have lost power between the two.
        if (!this.died && words.some((word, i) => word !== values[i])) record.mistakes++
      }
    }
  }

  async #write(how: 'write' | 'pulse', address: number, count: number): Promise<number[]> {
    const { session, record } = this.#context
    const first = record.writes.length + 1
    const values = Array.from({ length: count }, (_, i) => first + i)
    const done = record.writes.begin(values)
    await this.#within(session[how](address, values))
    done()
    return values
  }

  async #ticket(): Promise<void> {
    const { session, record } = this.#context
    const { tickets } = record
    tickets.uncertain++
    const ticket = (await this.#within(session.read(ticketRegister)))[0]!
    record.registersRead++
    if (ticket < tickets.next || ticket >= tickets.next + tickets.uncertain) record.mistakes++
    tickets.next = ticket + 1
    tickets.uncertain = 0
  }

  async #send(calls: number): Promise<void> {
    const { session, random } = this.#context
    for (let n = 0; n < calls && !this.died; n++) {
      const longest = random.uniform() < 0.05 ? 20_000 : 2000
      const message = campaignMessage(this.#number, this.sent, messageHeader + random.integer(longest))
      this.#lengths.push(message.length)
      this.sent++
      await this.#within(session.send(message))
      this.#acknowledged++
    }
  }

  async #read(signal: AbortSignal): Promise<void> {
    for await (const message of this.#context.session.receive({ signal })) this.#event(message)
  }

  #event(message: Uint8Array): void {
    const { record } = this.#context
    const view = new DataView(message.buffer, message.byteOffset, message.length)
    const session = view.getUint32(0, true)
    const index = view.getUint32(4, true)
    this.#eventSession ??= session
    const right = campaignMessage(session, index, message.length)
    if (session !== this.#eventSession || message.some((byte, i) => byte !== right[i])) record.lost++
    else if (index < this.received) record.duplicated++
    else {
      record.lost += index - this.received
      this.received = index + 1
    }
  }

  /** Waits until the events of everything that was sent have come. */
  async #drain(): Promise<void> {
    const { clock, logic, record } = this.#context
    const end = clock.now() + patience
    const number = logic.sessionNumber
    const complete = (): boolean =>
      (logic.arrived.get(this.#number) ?? 0) >= this.sent && this.received >= this.sent
    while (!complete() && !this.died && logic.sessionNumber === number && clock.now() < end)
      await new Promise<void>((resolve) => clock.after(5, resolve))
    if (!complete() && !this.died && clock.now() >= end) record.lost += this.sent - this.received
  }
}
