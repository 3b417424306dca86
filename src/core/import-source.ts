/**
 * Imports a module that the compiled package does not hold, such as the training code in `models`: TypeScript, for
 * which tsx is registered where the caller itself is compiled. tsx is there in a checkout only.
 */
export async function importSource(url: string): Promise<Record<string, unknown>> {
  if (url.endsWith('.ts') && !import.meta.url.endsWith('.ts')) {
    const { register } = await import('tsx/esm/api')
    register()
  }
  return (await import(url)) as Record<string, unknown>
}
