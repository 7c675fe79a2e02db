/// A few connections, lent one at a time.
package actor PostgresPool {
}
