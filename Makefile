# What a contributor needs; CI runs the same (.ci/run).

.PHONY: build test race check lint fmt generate demo

build: ## the binary, the smaller way (README.md)
	CGO_ENABLED=0 go build -o kubemint ./cmd/kubemint

test: ## the tests, nothing else to install
	go test ./...

race: ## the tests with the race detector
	go test -race ./...

fmt: ## the one formatting
	gofmt -s -w .

check: ## what CI runs
	./.ci/run

lint: ## needs golangci-lint
	golangci-lint run

generate: ## schemas from the k8s.io/api sources; needed only after an update of k8s.io
	go generate ./...

demo: ## the tour
	go run ./cmd/kubemint demo
