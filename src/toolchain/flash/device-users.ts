import { readdir, readlink } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Processes, this one too, that hold open a file whose path begins with `prefix`. Empty where the system does not tell (no /proc, other users' processes).
 */
export async function deviceUsers(prefix: string, processes = '/proc'): Promise<readonly number[]> {
  const users: number[] = []
  for (const name of await readdir(processes).catch(() => [])) {
    const id = Number(name)
    if (!Number.isInteger(id)) continue
    const folder = join(processes, name, 'fd')
    for (const descriptor of await readdir(folder).catch(() => [])) {
      const target = await readlink(join(folder, descriptor)).catch(() => '')
      if (!target.startsWith(prefix)) continue
      users.push(id)
      break
    }
  }
  return users
}
