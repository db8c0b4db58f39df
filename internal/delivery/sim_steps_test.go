//go:build !race

package delivery

const simDefaultSteps = 2_000_000
