import { type DeviceInfo, givesScoresOnly } from '../device/device.ts'
import type { Frame } from '../frame/frame.ts'
import type { EventRecord } from '../trigger/event-packet.ts'
import { AgreementCounter, type Unquantized } from './agreement.ts'
import type { ClassifierTiming } from './classifier-timing.ts'
import type { Disagreement } from './disagreement.ts'
import { type EmptyRecord, type FramePhysics, PhysicsCollector, type PhysicsOptions } from './physics.ts'
import { ReferenceComparison } from './reference/comparison.ts'
import { PictureCollector, type PictureOptions } from './report/pictures.ts'
import type { Fact, ReportData } from './report/report-data.ts'
import { type CompareResult, compareResult, type ProbedDevice } from './result.ts'
import { type DeviceTiming, frameTiming, lastPixelToResult } from './timing.ts'

export interface ComparisonOptions extends PhysicsOptions, PictureOptions {
  /** Tells differences of quantization from others. */
  readonly unquantized?: Unquantized | undefined
  /** Frames, and as many empty ones, that go through CYGNO's offline chain too; default 0. */
  readonly referenceFrames?: number
}

/** A device's classifier as it was measured, or why it was not. */
export interface ClassifierFacts {
  readonly timing: ClassifierTiming | null
  /** Why there is no timing, or no energy in it. */
  readonly reason?: string
}

export interface ComparisonFacts {
  readonly title?: string
  readonly created?: Date
  /** Seconds each device worked, by address; default: the sum of its latencies (frames one at a time). */
  readonly seconds?: ReadonlyMap<string, number>
  /** Classifiers alone, by address of their device. */
  readonly classifiers?: ReadonlyMap<string, ClassifierFacts>
  /** Devices that were looked for. */
  readonly probed?: readonly ProbedDevice[]
  /** Versions, seeds, settings, thresholds: shown as they are. */
  readonly provenance?: readonly Fact[]
}

/**
 * Takes frames and the records of all devices as they stream and keeps counts, scores and a few small pictures;
 * memory does not grow with the size of the frames.
 *
 * The first device that does more than scores (not `onnx:...`, not `scores:...`) is the reference: the others
 * are compared with it, whole packets for FPGA-like devices, and physics and pictures are its own.
 */
export class ComparisonCollector {
  readonly #devices: readonly DeviceInfo[]
  readonly #options: ComparisonOptions
  readonly #reference: string | null
  readonly #agreement: AgreementCounter
  readonly #physics: PhysicsCollector
  readonly #pictures: PictureCollector
  readonly #chain: ReferenceComparison
  readonly #latency: Map<string, number[]>
  readonly #pixels: Map<string, number>
  readonly #clocks = new Map<string, number[]>()
  #frames = 0

  constructor(devices: readonly DeviceInfo[], options: ComparisonOptions = {}) {
    this.#devices = devices
    this.#options = options
    this.#reference = (devices.find((d) => !givesScoresOnly(d.address)) ?? devices[0])?.address ?? null
    this.#agreement = new AgreementCounter(undefined, options.unquantized)
    this.#physics = new PhysicsCollector(options)
    this.#pictures = new PictureCollector(options)
    this.#chain = new ReferenceComparison(options.referenceFrames ?? 0, options.margin)
    this.#latency = new Map(devices.map((d) => [d.address, []]))
    this.#pixels = new Map(devices.map((d) => [d.address, 0]))
  }

  /**
   * One frame with the record of each device that processed it, and how long each took in ms. A device without
   * a record is not compared for this frame. `pedestal` holds the words that the devices were configured with,
   * for the contrast of the pictures; without it a picture is as dark as the median of its frame. Returns the
   * physics of the reference, null without its record.
   */
  frame(
    frame: Frame,
    records: ReadonlyMap<string, EventRecord>,
    latencyMs: ReadonlyMap<string, number> = new Map(),
    pedestal?: Uint32Array,
  ): FramePhysics | null {
    this.#frames++
    for (const [address, ms] of latencyMs) {
      this.#latency.get(address)?.push(ms)
      this.#pixels.set(address, (this.#pixels.get(address) ?? 0) + frame.pixels.length)
    }
    const reference = this.#reference === null ? undefined : records.get(this.#reference)
    if (reference === undefined) return null
    const disagreements = this.#compare(reference, records)
    const physics = this.#physics.frame(frame, reference)
    this.#pictures.add(frame, reference, physics, disagreements, pedestal)
    if (pedestal !== undefined) this.#chain.frame(frame, reference, pedestal, latencyMs.get(this.#reference!))
    return physics
  }

  /** What a device counted for the latest frame, see `Device.clocksAfterLastPixel`. */
  clocksAfterLastPixel(address: string, clocks: number): void {
    const list = this.#clocks.get(address)
    if (list === undefined) this.#clocks.set(address, [clocks])
    else list.push(clocks)
  }

  /** A dark frame through the reference device: its clusters are false regions, nothing else is counted. */
  emptyFrame(record: EmptyRecord): void {
    this.#physics.emptyFrame(record)
  }

  /** An empty frame as it was, for the reference chain; `emptyFrame` counts its record for everything else. */
  emptyReferenceFrame(frame: Frame, record: EventRecord, pedestal: Uint32Array): void {
    this.#chain.emptyFrame(frame, record, pedestal)
  }

  finish(facts: ComparisonFacts = {}): { result: CompareResult; report: ReportData } {
    const physics = this.#physics.finish()
    const chain = this.#chain.finish()
    const bytes = this.#agreement.byteCounts()
    const scores = this.#agreement.scoreCounts()
    const devices = this.#devices.map(({ address }) => this.#timing(address, facts))
    const reference = this.#reference
    const { disagreements } = this.#agreement
    const probed = facts.probed ?? []
    const result = compareResult({
      ...{ frames: this.#frames, devices, probed, reference, bytes, scores, disagreements, physics, chain },
    })
    const report = {
      title: facts.title ?? `Comparison of ${this.#devices.map((d) => d.address).join(', ')}`,
      created: facts.created ?? new Date(),
      devices: this.#devices,
      reference,
      result,
      physics,
      chain,
      bytes,
      scores,
      disagreements,
      ...this.#pictures.finish(),
      provenance: facts.provenance ?? [],
      aduPerKeVee: this.#options.aduPerKeVee ?? null,
    }
    return { result, report }
  }

  #timing(address: string, { seconds, classifiers }: ComparisonFacts): DeviceTiming {
    const latencies = this.#latency.get(address)!
    const known = classifiers?.get(address)
    const classifier = known?.timing ?? null
    const elsewhere = address.startsWith('scores:')
    const result = elsewhere ? null : lastPixelToResult(latencies, this.#clocks.get(address) ?? [])
    return {
      ...frameTiming(address, latencies, this.#pixels.get(address)!, seconds?.get(address)),
      lastPixelToResult: result,
      classifier,
      notMeasured: {
        ...(result === null
          ? { lastPixelToResult: elsewhere ? 'the scores were computed elsewhere' : 'no frame was timed' }
          : {}),
        ...(classifier === null ? { classifier: known?.reason ?? 'it was not measured' } : {}),
        ...(classifier?.joulesPerCluster === null
          ? { joulesPerCluster: known?.reason ?? 'no meter was given' }
          : {}),
      },
    }
  }

  #compare(reference: EventRecord, records: ReadonlyMap<string, EventRecord>): Disagreement[] {
    return this.#devices.flatMap(({ address }) => {
      const record = records.get(address)
      if (record === undefined || address === this.#reference) return []
      return givesScoresOnly(address)
        ? this.#agreement.scores(this.#reference!, reference, address, record)
        : (this.#agreement.bytes(this.#reference!, reference, address, record) ?? [])
    })
  }
}
