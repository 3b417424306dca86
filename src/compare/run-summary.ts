import type { Frame } from '../frame/frame.ts'
import type { EventRecord } from '../trigger/event-packet.ts'
import { type FramePhysics, PhysicsCollector } from './physics.ts'
import { PictureCollector, type PictureOptions } from './report/pictures.ts'
import { type RunReportFacts, writeRunReport } from './report/run-report.ts'
import type { RunResult } from './run-result.ts'

/** Counts of a run and a few pictures, from frames and records as they stream. */
export class RunSummary {
  readonly #address: string
  readonly #physics = new PhysicsCollector()
  readonly #pictures: PictureCollector
  readonly #aduPerKeVee: number | null
  #frames = 0
  #clusters = 0

  constructor(address: string, options: PictureOptions = {}) {
    this.#address = address
    this.#pictures = new PictureCollector(options)
    this.#aduPerKeVee = options.aduPerKeVee ?? null
  }

  /** Clusters so far. */
  get clusters(): number {
    return this.#clusters
  }

  /** @param pedestal the words that the device was configured with, for the contrast of the pictures */
  frame(frame: Frame, record: EventRecord, pedestal?: Uint32Array): FramePhysics {
    this.#frames++
    this.#clusters += record.clusters.length
    const physics = this.#physics.frame(frame, record)
    this.#pictures.add(frame, record, physics, [], pedestal)
    return physics
  }

  result(): RunResult {
    const detail = this.#physics.finish()
    return {
      frames: this.#frames,
      clusters: this.#clusters,
      recoils: { ...detail.clusters },
      signalKept: detail.signalKept?.value ?? null,
      areaDiscarded: detail.framesWithTruth === 0 ? null : (detail.areaDiscarded?.value ?? null),
    }
  }

  /** Writes `report.html` into an existing or new folder; returns its path. Throws GG_OUTPUT. */
  writeReport(folder: string, facts: RunReportFacts): Promise<string> {
    return writeRunReport(folder, {
      ...facts,
      address: this.#address,
      result: this.result(),
      physics: this.#physics.finish(),
      ...this.#pictures.finish(),
      aduPerKeVee: this.#aduPerKeVee,
    })
  }
}
