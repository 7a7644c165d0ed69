// The three processes of a control plane that the end-to-end tests need, in one program:
//
//	apiserver etcd FLAGS
//	apiserver kube-apiserver FLAGS
//	apiserver controllers KUBECONFIG
//
// The first two are the real programs with their own flags. The third runs the real garbage
// collector and namespace controller, each in the name that it has in a cluster.
package main

import (
	"fmt"
	"os"

	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	"k8s.io/kubernetes/cmd/kube-apiserver/app"
)

func main() {
	if len(os.Args) < 2 {
		fail("usage: apiserver etcd|kube-apiserver|controllers ARGUMENTS")
	}
	command, rest := os.Args[1], os.Args[2:]
	os.Args = append([]string{command}, rest...)
	switch command {
	case "etcd":
		etcdmain.Main(os.Args)
	case "kube-apiserver":
		os.Exit(cli.Run(app.NewAPIServerCommand()))
	case "controllers":
		if len(rest) != 1 {
			fail("usage: apiserver controllers KUBECONFIG")
		}
		if err := runControllers(rest[0]); err != nil {
			fail(err.Error())
		}
	default:
		fail("unknown command: " + command)
	}
}

func fail(message string) {
	fmt.Fprintln(os.Stderr, message)
	os.Exit(1)
}
