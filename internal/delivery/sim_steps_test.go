//go:build !race

package delivery

const simDefaultSteps = 5_000_000
