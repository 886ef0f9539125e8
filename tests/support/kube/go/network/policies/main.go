// Enforces the NetworkPolicies of one node, as kube-router does, without its routing and proxy.
//
//	policies NODE SERVICES CONFIG
//
// SERVICES is the range of addresses of Services, CONFIG a kubeconfig. It ends by a signal.
package main

import (
	"os"
	"sync"
	"time"

	"github.com/cloudnativelabs/kube-router/v2/pkg/controllers/netpol"
	"github.com/cloudnativelabs/kube-router/v2/pkg/healthcheck"
	"github.com/cloudnativelabs/kube-router/v2/pkg/options"
	"github.com/cloudnativelabs/kube-router/v2/pkg/utils"
	"github.com/coreos/go-iptables/iptables"
	v1 "k8s.io/api/core/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
)

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func main() {
	told := options.NewKubeRouterConfig()
	told.HostnameOverride = os.Args[1]
	told.ClusterIPCIDRs = []string{os.Args[2]}
	told.EnableIPv4 = true
	told.IPTablesSyncPeriod = time.Minute
	client := must(kubernetes.NewForConfig(must(clientcmd.BuildConfigFromFlags("", os.Args[3]))))
	factory := informers.NewSharedInformerFactory(client, 0)
	pods := factory.Core().V1().Pods().Informer()
	policies := factory.Networking().V1().NetworkPolicies().Informer()
	namespaces := factory.Core().V1().Namespaces().Informer()
	forever := make(chan struct{})
	factory.Start(forever)
	factory.WaitForCacheSync(forever)

	tables := map[v1.IPFamily]utils.IPTablesHandler{
		v1.IPv4Protocol: must(iptables.NewWithProtocol(iptables.ProtocolIPv4)),
	}
	sets := map[v1.IPFamily]utils.IPSetHandler{v1.IPv4Protocol: must(utils.NewIPSet(false))}
	controller := must(netpol.NewNetworkPolicyController(
		client, told, pods, policies, namespaces, &sync.Mutex{}, tables, sets))
	for informer, handler := range map[cache.SharedIndexInformer]cache.ResourceEventHandler{
		pods:       controller.PodEventHandler,
		policies:   controller.NetworkPolicyEventHandler,
		namespaces: controller.NamespaceEventHandler,
	} {
		must(informer.AddEventHandler(handler))
	}
	beats := make(chan *healthcheck.ControllerHeartbeat, 10)
	go func() {
		for range beats {
		}
	}()
	var running sync.WaitGroup
	running.Add(1)
	go controller.Run(beats, forever, &running)
	running.Wait()
}
