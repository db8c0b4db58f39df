//go:build race

package delivery

const simDefaultSteps = 200_000
