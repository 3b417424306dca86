import type { Framing } from '../src/link/framer.ts'
import { carrierBenches } from './link/carriers.ts'
import { type CampaignResult, faultCampaign } from './link/faults.ts'
import { type CarrierSpeed, measureCarrier } from './link/throughput.ts'

export interface LinkBenchOptions {
  /** Faults to inject, half of them into each framing. */
  readonly faults?: number
  readonly onCarrier?: (speed: CarrierSpeed) => void
}

export interface LinkBenchmark {
  readonly carriers: readonly CarrierSpeed[]
  readonly faults: {
    readonly injected: number
    readonly framesLost: number
    readonly framesDuplicated: number
    readonly wrongWrites: number
    readonly hangs: number
    /** The campaign over each framing. */
    readonly campaigns: Readonly<Record<Framing, CampaignResult>>
  }
}

/** Seed of the campaigns. */
const seed = 20261122

/** Every carrier that needs no hardware on the wall clock, then streams and registers under faults in simulated time. */
export async function benchLink(options: LinkBenchOptions, signal?: AbortSignal): Promise<LinkBenchmark> {
  const carriers: CarrierSpeed[] = []
  for (const bench of carrierBenches) {
    signal?.throwIfAborted()
    const speed = await measureCarrier(bench)
    options.onCarrier?.(speed)
    carriers.push(speed)
  }
  const each = Math.ceil((options.faults ?? 100_000) / 2)
  const progress = (): void => signal?.throwIfAborted()
  const bytes = await faultCampaign({ faults: each, seed, framing: 'bytes', progress })
  const records = await faultCampaign({ faults: each, seed: seed + 1, framing: 'records', progress })
  const sum = (of: (result: CampaignResult) => number): number => of(bytes) + of(records)
  return {
    carriers,
    faults: {
      injected: sum((result) => result.injected),
      framesLost: sum((result) => result.framesLost),
      framesDuplicated: sum((result) => result.framesDuplicated),
      wrongWrites: sum((result) => result.wrongWrites),
      hangs: sum((result) => result.hangs),
      campaigns: { bytes, records },
    },
  }
}
