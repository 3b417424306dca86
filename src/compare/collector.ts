import type { DeviceInfo } from '../device/device.ts'
import type { Frame } from '../frame/frame.ts'
import type { EventRecord } from '../trigger/event-packet.ts'
import { AgreementCounter, type Disagreement } from './agreement.ts'
import { type EmptyRecord, type FramePhysics, PhysicsCollector, type PhysicsOptions } from './physics.ts'
import { PictureCollector, type PictureOptions } from './report/pictures.ts'
import type { Fact, ReportData } from './report/report-data.ts'
import { type CompareResult, compareResult } from './result.ts'
import { deviceTiming } from './timing.ts'

export interface ComparisonOptions extends PhysicsOptions, PictureOptions {}

export interface ComparisonFacts {
  readonly title?: string
  readonly created?: Date
  /** Seconds each device worked, by address; default: the sum of its latencies (frames one at a time). */
  readonly seconds?: ReadonlyMap<string, number>
  /** Versions, seeds, settings, thresholds: shown as they are. */
  readonly provenance?: readonly Fact[]
}

/**
 * Takes frames and the records of all devices as they stream and keeps counts, scores and a few small pictures;
 * memory does not grow with the size of the frames.
 *
 * The first device that is not ONNX Runtime (`onnx:...`) is the reference: the others are compared with it,
 * whole packets for FPGA-like devices and scores for ONNX Runtime, and physics and pictures are its own.
 */
export class ComparisonCollector {
  readonly #devices: readonly DeviceInfo[]
  readonly #options: ComparisonOptions
  readonly #reference: string | null
  readonly #agreement = new AgreementCounter()
  readonly #physics: PhysicsCollector
  readonly #pictures: PictureCollector
  readonly #latency: Map<string, number[]>
  readonly #pixels: Map<string, number>
  #frames = 0

  constructor(devices: readonly DeviceInfo[], options: ComparisonOptions = {}) {
    this.#devices = devices
    this.#options = options
    this.#reference = (devices.find((d) => !isOnnx(d.address)) ?? devices[0])?.address ?? null
    this.#physics = new PhysicsCollector(options)
    this.#pictures = new PictureCollector(options)
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
    return physics
  }

  /** A dark frame through the reference device: its clusters are false regions, nothing else is counted. */
  emptyFrame(record: EmptyRecord): void {
    this.#physics.emptyFrame(record)
  }

  finish(facts: ComparisonFacts = {}): { result: CompareResult; report: ReportData } {
    const physics = this.#physics.finish()
    const bytes = this.#agreement.byteCounts()
    const scores = this.#agreement.scoreCounts()
    const devices = this.#devices.map(({ address }) =>
      deviceTiming(
        address,
        this.#latency.get(address)!,
        this.#pixels.get(address)!,
        facts.seconds?.get(address),
      ),
    )
    const reference = this.#reference
    const result = compareResult({ frames: this.#frames, devices, reference, bytes, scores, physics })
    const report = {
      title: facts.title ?? `Comparison of ${this.#devices.map((d) => d.address).join(', ')}`,
      created: facts.created ?? new Date(),
      devices: this.#devices,
      reference,
      result,
      physics,
      bytes,
      scores,
      disagreements: this.#agreement.disagreements,
      ...this.#pictures.finish(),
      provenance: facts.provenance ?? [],
      aduPerKeVee: this.#options.aduPerKeVee ?? null,
    }
    return { result, report }
  }

  #compare(reference: EventRecord, records: ReadonlyMap<string, EventRecord>): Disagreement[] {
    return this.#devices.flatMap(({ address }) => {
      const record = records.get(address)
      if (record === undefined || address === this.#reference) return []
      const found = isOnnx(address)
        ? this.#agreement.scores(this.#reference!, reference, address, record)
        : this.#agreement.bytes(this.#reference!, reference, address, record)
      return found ?? []
    })
  }
}

/** ONNX Runtime devices share the host's clustering: only their scores say something new. */
function isOnnx(address: string): boolean {
  return address.startsWith('onnx:')
}
