import type { Carrier } from '../link/carrier.ts'
import type { LinkOptions } from '../link/options.ts'
import { LinkSession } from '../link/session.ts'
import type { AskBuild } from '../toolchain/flash/flash-options.ts'

/**
 * Asks the logic for its build id over a carrier that is opened for this question alone. The register table may be
 * another one: a board is asked what it runs before and after it is changed.
 */
export function askBuildOver(openCarrier: () => Promise<Carrier>, options: LinkOptions = {}): AskBuild {
  return async (signal) => {
    signal?.throwIfAborted()
    const session = await LinkSession.open(await openCarrier(), options)
    try {
      return session.device.build
    } finally {
      await session.close()
    }
  }
}
