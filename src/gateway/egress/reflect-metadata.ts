// Polyfill of three functions of the Reflect metadata proposal. @peculiar/x509 registers its classes through tsyringe,
// which needs them. An already loaded polyfill stays.

interface MetadataReflect {
  defineMetadata?: (key: unknown, value: unknown, target: object) => void
  getOwnMetadata?: (key: unknown, target: object) => unknown
  getMetadata?: (key: unknown, target: object) => unknown
}

const reflect = Reflect as MetadataReflect

if (reflect.getMetadata === undefined) {
  const metadata = new WeakMap<object, Map<unknown, unknown>>()
  const own = (key: unknown, target: object): unknown => metadata.get(target)?.get(key)
  reflect.defineMetadata = (key, value, target) => {
    metadata.set(target, (metadata.get(target) ?? new Map()).set(key, value))
  }
  reflect.getOwnMetadata = own
  reflect.getMetadata = (key, target) => {
    for (let at: object | null = target; at !== null; at = Reflect.getPrototypeOf(at)) {
      const value = own(key, at)
      if (value !== undefined) return value
    }
    return undefined
  }
}
