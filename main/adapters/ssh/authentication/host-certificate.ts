import { type Certificate, holdsAt, namesHost, parseCertificate } from '../../../../core/ssh/certificate'
import { matchesPattern } from '../../../../core/ssh/patterns'
import { isSignedBy } from './verify-signature'

/**
 * The key (Base64) that a host's certificate vouches for; undefined where it does not hold for that name now, or
 * none of the authorities has signed it. That the host owns the key is still to be proven.
 */
export function keyVouchedFor(
  certificate: string,
  name: string,
  authorities: readonly string[],
  nowSeconds: number,
): string | undefined {
  const read = parseCertificate(certificate)
  return read && isHeldFor(read, name, nowSeconds) && isVouchedFor(read, authorities) ? read.key : undefined
}

function isHeldFor(certificate: Certificate, name: string, nowSeconds: number): boolean {
  const isNamed = namesHost(certificate, (pattern) =>
    matchesPattern(pattern.toLowerCase(), name.toLowerCase()),
  )
  return isNamed && holdsAt(certificate, nowSeconds) && certificate.criticalOptions.length === 0
}

function isVouchedFor(
  { authority, signed, signature }: Certificate,
  authorities: readonly string[],
): boolean {
  return authorities.includes(authority) && isSignedBy(authority, signed, signature)
}
