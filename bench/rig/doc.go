// Package rig is what measurements are built of: the real server as a process, a receiver of webhooks as another, loops that
// make load, and the clocks that go with them. Both benchmark programs use it, so that they measure alike.
package rig
