import { type BenchPauses, EndpointBench } from './endpoint-bench.ts'
import { EndpointHost } from './endpoint-host.ts'
import { simulateLink } from './link-simulation.ts'

/** Parameters of an endpoint with more of everything than the boards have; each other choice costs a compilation. */
export const large = {
  BUILD: 0xfedcba9876543210n,
  SCHEMA: 0x89abcdef,
  CLOCK_HZ: 123456789,
  REGISTERS: 200,
  RX_SLOT_BITS: 3,
  TX_SLOT_BITS: 3,
} as const

/** link_bytes after reset with a host and a core. */
export async function startEndpoint(
  parameters: Record<string, number | bigint> = {},
  seed = 1,
  pauses: BenchPauses = {},
): Promise<{ bench: EndpointBench; host: EndpointHost }> {
  const bench = new EndpointBench(await simulateLink('link_bytes', parameters), seed, pauses)
  return { bench, host: new EndpointHost(bench) }
}
