import { DuplexCarrier } from '../../sim/board/duplex.ts'
import type { LinkDevice } from '../../sim/board/link-device.ts'
import { LinkEndpoint } from '../../sim/board/link-endpoint.ts'
import { type FaultKind, type FaultRates, faultKinds, LossyCarrier } from '../../sim/board/lossy-carrier.ts'
import { PacedCarrier } from '../../sim/board/paced-carrier.ts'
import { VirtualClock } from '../../sim/board/virtual-clock.ts'
import { Random } from '../../src/core/random.ts'
import type { Framing } from '../../src/link/framer.ts'
import { LinkSession } from '../../src/link/session.ts'
import { CampaignLogic, campaignRegisters } from './campaign-logic.ts'
import { countError, Epoch, type HostRecord, restarted, within } from './epoch.ts'
import { WriteLog } from './write-log.ts'

export interface CampaignOptions {
  readonly faults: number
  readonly seed: number
  readonly framing: Framing
  readonly rates?: FaultRates
  /** Puts something in front of the endpoint; tests of the checker break it here. */
  readonly device?: (endpoint: LinkEndpoint) => LinkDevice
  readonly progress?: (injected: number) => void
}

export interface CampaignResult {
  readonly injected: number
  /** Messages of either stream that were acknowledged and did not arrive, or not as they were sent. */
  readonly framesLost: number
  readonly framesDuplicated: number
  /** Register accesses executed wrongly, twice, out of order, or not although they were answered. */
  readonly wrongWrites: number
  /** Calls that took longer than a minute of simulated time. */
  readonly hangs: number
  readonly faults: Readonly<Record<FaultKind, number>>
  readonly sessions: number
  /** Sessions that ended with an error, by its code. */
  readonly errors: Readonly<Record<string, number>>
  readonly messagesSent: number
  readonly eventsReceived: number
  readonly registersWritten: number
  readonly registersRead: number
  /** Hours of simulated time. */
  readonly hours: number
}

/** About every tenth chunk is hit; whole-line faults are rare enough that sessions live for a while. */
const defaultRates: FaultRates = {
  flip: 0.02,
  dropBytes: 0.02,
  dropChunk: 0.02,
  double: 0.02,
  garbage: 0.01,
  truncate: 0.01,
  delay: 0.02,
  stall: 0.001,
  wrongBaud: 0.001,
  disconnect: 0.0005,
  powerLoss: 0.0005,
}

const pixelSlots = 4
const payload = 500

/** Both behind and in front of the faults: frames arrive one by one, also after a stall. */
const bytesPerSecond = 300_000

/**
 * Streams and registers over a bad line in simulated time, until so many faults were injected, with a check that every
 * message arrives exactly once and in order and that every register access is executed exactly once. Accesses
 * that a typed error ended may have been executed once or not at all.
 */
export async function faultCampaign(options: CampaignOptions): Promise<CampaignResult> {
  const { seed, framing, rates = defaultRates } = options
  const clock = new VirtualClock()
  const random = new Random(seed)
  const later = (resume: () => void): void =>
    void clock.after(random.uniform() * 30, () => {
      resume()
      endpoint.advance()
    })
  const logic = new CampaignLogic(random.fork('logic'), () => record.epochs.length, later)
  const endpoint = new LinkEndpoint(logic, {
    framing,
    registers: campaignRegisters,
    maximumPayload: payload,
    slots: pixelSlots,
  })
  const device = options.device?.(endpoint) ?? endpoint
  const record: HostRecord = {
    writes: new WriteLog(),
    epochs: [],
    hangs: 0,
    mistakes: 0,
    lost: 0,
    duplicated: 0,
    registersRead: 0,
    tickets: { next: 0, uncertain: 0 },
    errors: {},
  }
  const faults = Object.fromEntries(faultKinds.map((kind) => [kind, 0])) as Record<FaultKind, number>
  let injected = 0
  const connect = (): LossyCarrier =>
    new LossyCarrier(new PacedCarrier(new DuplexCarrier(device, { clock }), { bytesPerSecond, clock }), {
      random: random.fork('line', record.epochs.length, injected),
      rates: injected < options.faults ? rates : {},
      clock,
      bytesPerSecond,
      powerLoss() {
        endpoint.reset()
        logic.powerLoss()
      },
      onFault(kind) {
        faults[kind]++
        if (++injected === options.faults) line!.rates = {}
        if (injected % 1000 === 0) options.progress?.(injected)
      },
    })
  let line: LossyCarrier | undefined

  const campaign = async (): Promise<void> => {
    // The last epoch runs without faults and must end well.
    for (let last = false; !last; ) {
      last = injected >= options.faults
      line = connect()
      let session: LinkSession
      try {
        session = await within(clock, record, LinkSession.open(line, { clock, nonce: () => random.uint32() }))
      } catch (error) {
        countError(record, error)
        if (last) record.hangs++
        continue
      }
      for (let again = true; again; ) {
        const epoch = new Epoch({
          session,
          logic,
          clock,
          record,
          random: random.fork('epoch', random.uint32()),
        })
        const anew = await epoch.run()
        if (last && epoch.died && !anew) record.hangs++
        again = anew || (!last && random.uniform() < 0.5 && (await restarted(session, clock, record)))
      }
      await session.close()
    }
  }
  await clock.run(campaign())

  for (const epoch of record.epochs) record.lost += epoch.missing(pixelSlots * payload)
  return {
    injected,
    framesLost: record.lost + logic.messagesLost,
    framesDuplicated: record.duplicated + logic.messagesDuplicated,
    wrongWrites: record.mistakes + record.writes.mistakes(logic.executed),
    hangs: record.hangs,
    faults,
    sessions: record.epochs.length,
    errors: record.errors,
    messagesSent: record.epochs.reduce((sum, epoch) => sum + epoch.sent, 0),
    eventsReceived: record.epochs.reduce((sum, epoch) => sum + epoch.received, 0),
    registersWritten: record.writes.length,
    registersRead: record.registersRead,
    hours: clock.now() / 3_600_000,
  }
}
